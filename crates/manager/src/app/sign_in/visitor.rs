//! Who stands before the door.

use std::net::IpAddr;

use oauth::Secret;
use vault::random_bytes;

use crate::{
    By, Manager, OperatorId,
    hex::{hex, unhex},
};

/// What is known of somebody who is not logged in yet.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// From where.
    pub address: IpAddr,
    /// Their browser, in words.
    pub agent: String,
    /// What their browser was given at an earlier log-in.
    pub device: Option<Secret>,
}

/// Of what a device's secret consists: whose it is, something random, and our mark.
const DEVICE: usize = 16 + 16 + 32;

impl Visitor {
    /// They, once they are known to be `operator`.
    pub(crate) fn as_operator(&self, operator: OperatorId) -> By {
        By::operator(operator, Some(self.address.to_string()))
    }

    /// They, while nobody knows who they are.
    pub(crate) fn as_stranger(&self) -> By {
        By {
            origin: Some(self.address.to_string()),
            ..By::automation()
        }
    }

    /// What is counted together: an address, or the network that one household has (IPv6).
    pub(super) fn place(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl Manager {
    /// What a browser is given when `operator` logs in, so that it is known again: guessing elsewhere does not lock it
    /// out.
    pub(in crate::app) fn new_device(&self, operator: OperatorId) -> Secret {
        let mut bytes = Vec::with_capacity(DEVICE);
        bytes.extend_from_slice(&operator_bytes(operator));
        bytes.extend_from_slice(&random_bytes::<16>(&**self.store().entropy()));
        let mark = self.vault().mac("device").sign(&bytes);
        bytes.extend_from_slice(&mark);
        Secret::new(hex(&bytes))
    }

    /// Whether the visitor's browser has let `operator` in before.
    pub(super) fn knows_device(&self, visitor: &Visitor, operator: OperatorId) -> bool {
        let device = visitor
            .device
            .as_ref()
            .filter(|device| device.reveal().len() == 2 * DEVICE);
        let Some(bytes) = device.and_then(|device| unhex(device.reveal())) else {
            return false;
        };
        let Some((said, mark)) = bytes.split_at_checked(32) else {
            return false;
        };
        said.starts_with(&operator_bytes(operator)) && self.vault().mac("device").verify(said, mark)
    }
}

fn operator_bytes(operator: OperatorId) -> Vec<u8> {
    let id = operator.to_string().replace('-', "");
    unhex(&id).unwrap_or_default()
}
