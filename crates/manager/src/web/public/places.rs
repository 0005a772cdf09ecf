//! Where a person may live: countries, and the states that have laws of their own. Names from the Unicode CLDR.

use mail::Language;

/// Code (ISO 3166), then the name in each language, as [`Language::ALL`] has them.
const PLACES: &str = include_str!("../../../assets/places.txt");

/// Code and name of every place, by name.
pub(super) fn of(language: Language) -> Vec<(&'static str, &'static str)> {
    let mut places: Vec<_> = PLACES.lines().filter_map(|line| place(line, language)).collect();
    places.sort_by_cached_key(|(_, name)| sortable(name));
    places
}

fn place(line: &'static str, language: Language) -> Option<(&'static str, &'static str)> {
    let column = match language {
        Language::English => 0,
        Language::German => 1,
        Language::French => 2,
        Language::Spanish => 3,
    };
    let (code, names) = line.split_once('|')?;
    Some((code, names.split('|').nth(column)?))
}

/// Letters with marks stand with those without.
fn sortable(name: &str) -> String {
    let plain = |c: char| match c {
        'Ä' | 'Å' | 'Á' | 'À' | 'Â' | 'ä' | 'á' | 'à' | 'â' | 'ã' => 'a',
        'É' | 'È' | 'Ê' | 'Ë' | 'é' | 'è' | 'ê' | 'ë' => 'e',
        'Î' | 'Í' | 'Ï' | 'î' | 'í' | 'ï' => 'i',
        'Ö' | 'Ó' | 'Ô' | 'ö' | 'ó' | 'ô' => 'o',
        'Ü' | 'Ú' | 'ü' | 'ú' | 'û' => 'u',
        'ç' | 'Ç' => 'c',
        'ñ' | 'Ñ' => 'n',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use privacy::framework::Frameworks;

    use super::*;

    #[test]
    fn every_place_has_a_name_in_every_language() {
        for line in PLACES.lines() {
            assert_eq!(
                line.split('|').filter(|name| !name.trim().is_empty()).count(),
                5,
                "{line}"
            );
        }
        for language in Language::ALL {
            assert_eq!(of(*language).len(), PLACES.lines().count());
        }
        assert!(of(Language::German).contains(&("AT", "Österreich")));
    }

    #[test]
    fn every_place_of_the_framework_table_can_be_chosen() {
        let codes: Vec<_> = of(Language::English).into_iter().map(|(code, _)| code).collect();
        for framework in &Frameworks::default() {
            for place in &framework.places {
                assert!(codes.contains(&place.as_str()), "{place}");
            }
        }
    }

    #[test]
    fn marks_do_not_send_a_name_to_the_end() {
        let names: Vec<_> = of(Language::German).into_iter().map(|(_, name)| name).collect();
        let at = |name: &str| names.iter().position(|known| *known == name).unwrap();
        assert!(at("Norwegen") < at("Österreich") && at("Österreich") < at("Polen"));
    }
}
