//! Where the table of legal frameworks starts. Companies edit the table, not this file.

use super::{
    Framework, FrameworkId,
    Term::{self, Days, Months},
};

type Row = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    Term,
    Option<Term>,
);

/// id, aliases, name, places, term, extension.
const TABLE: &[Row] = &[
    (
        "gdpr",
        &[],
        "GDPR (European Economic Area)",
        EEA,
        Months(1),
        Some(Days(60)),
    ),
    (
        "uk_gdpr",
        &[],
        "UK GDPR (United Kingdom)",
        "GB GG JE IM",
        Months(1),
        Some(Days(60)),
    ),
    ("fadp", &[], "FADP (Switzerland)", "CH", Days(30), Some(Days(30))),
    (
        "cpra",
        &["ccpa"],
        "CCPA as amended by CPRA (California)",
        "US-CA",
        Days(45),
        Some(Days(45)),
    ),
    (
        "vcdpa",
        &["virginia"],
        "VCDPA (Virginia)",
        "US-VA",
        Days(45),
        Some(Days(45)),
    ),
    (
        "cpa",
        &["colorado"],
        "CPA (Colorado)",
        "US-CO",
        Days(45),
        Some(Days(45)),
    ),
    (
        "ctdpa",
        &["connecticut"],
        "CTDPA (Connecticut)",
        "US-CT",
        Days(45),
        Some(Days(45)),
    ),
    ("ucpa", &["utah"], "UCPA (Utah)", "US-UT", Days(45), Some(Days(45))),
    ("tdpsa", &["texas"], "TDPSA (Texas)", "US-TX", Days(45), Some(Days(45))),
    ("ocpa", &["oregon"], "OCPA (Oregon)", "US-OR", Days(45), Some(Days(45))),
    (
        "mtcdpa",
        &["montana"],
        "MTCDPA (Montana)",
        "US-MT",
        Days(45),
        Some(Days(45)),
    ),
    (
        "fdbr",
        &["florida"],
        "FDBR (Florida)",
        "US-FL",
        Days(45),
        Some(Days(15)),
    ),
    (
        "dpdpa",
        &["delaware"],
        "DPDPA (Delaware)",
        "US-DE",
        Days(45),
        Some(Days(45)),
    ),
    ("icdpa", &["iowa"], "ICDPA (Iowa)", "US-IA", Days(90), Some(Days(45))),
    (
        "ndpa",
        &["nebraska"],
        "NDPA (Nebraska)",
        "US-NE",
        Days(45),
        Some(Days(45)),
    ),
    (
        "nhpa",
        &["new_hampshire"],
        "NHPA (New Hampshire)",
        "US-NH",
        Days(45),
        Some(Days(45)),
    ),
    (
        "njdpa",
        &["new_jersey"],
        "NJDPA (New Jersey)",
        "US-NJ",
        Days(45),
        Some(Days(45)),
    ),
    (
        "tipa",
        &["tennessee"],
        "TIPA (Tennessee)",
        "US-TN",
        Days(45),
        Some(Days(45)),
    ),
    (
        "mncdpa",
        &["minnesota"],
        "MNCDPA (Minnesota)",
        "US-MN",
        Days(45),
        Some(Days(45)),
    ),
    (
        "modpa",
        &["maryland"],
        "MODPA (Maryland)",
        "US-MD",
        Days(45),
        Some(Days(45)),
    ),
    (
        "incdpa",
        &["indiana"],
        "INCDPA (Indiana)",
        "US-IN",
        Days(45),
        Some(Days(45)),
    ),
    (
        "kcdpa",
        &["kentucky"],
        "KCDPA (Kentucky)",
        "US-KY",
        Days(45),
        Some(Days(45)),
    ),
    (
        "ridtppa",
        &["rhode_island"],
        "RIDTPPA (Rhode Island)",
        "US-RI",
        Days(45),
        Some(Days(45)),
    ),
    ("law_25", &["quebec"], "Law 25 (Quebec)", "CA-QC", Days(30), None),
    ("pipeda", &[], "PIPEDA (Canada)", "CA", Days(30), Some(Days(30))),
    ("lgpd", &[], "LGPD (Brazil)", "BR", Days(15), None),
    ("popia", &[], "POPIA (South Africa)", "ZA", Days(30), Some(Days(30))),
    ("app", &[], "Australian Privacy Principles", "AU", Days(30), None),
    (
        "other",
        &[],
        "No law: a promise of the company",
        "",
        Days(45),
        Some(Days(45)),
    ),
];

const EEA: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO";

pub(super) fn frameworks() -> Vec<Framework> {
    TABLE
        .iter()
        .map(|(id, aliases, name, places, term, extension)| Framework {
            id: FrameworkId::known(id),
            aliases: aliases.iter().copied().map(FrameworkId::known).collect(),
            name: (*name).to_owned(),
            places: places.split_whitespace().map(str::to_owned).collect(),
            term: *term,
            extension: *extension,
        })
        .collect()
}
