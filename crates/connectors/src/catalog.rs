//! Every vendor we know, one line each.

use crate::{connector::Connector, optimizely::Optimizely};

/// The connectors, in the order in which people choose from them.
pub static CATALOG: &[&dyn Connector] = &[&Optimizely];

/// The connector of that name.
pub fn connector(name: &str) -> Option<&'static dyn Connector> {
    CATALOG.iter().copied().find(|connector| connector.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_is_found_by_its_own_name() {
        for known in CATALOG {
            assert_eq!(connector(known.name()).map(Connector::title), Some(known.title()));
            // What people choose by.
            assert!(!known.summary().is_empty() && !known.needs().is_empty() && !known.capabilities().is_empty());
        }
        assert!(connector("nobody").is_none());
        assert!(connector(crate::direct_contact::NAME).is_none());
    }
}
