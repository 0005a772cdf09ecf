//! Which files are taken, and whether one is what its name says.

/// The kinds of file that are taken, by the end of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// csv, tsv, json, txt: UTF-8.
    Text,
    /// pdf.
    Pdf,
    /// docx: a ZIP archive of a certain build.
    Docx,
    /// xlsx: the same.
    Xlsx,
    /// png.
    Png,
    /// jpg, jpeg.
    Jpeg,
    /// zip.
    Zip,
}

/// What files must end in, for people and for `accept`.
pub(crate) const EXTENSIONS: &str = "csv, tsv, json, txt, pdf, docx, xlsx, png, jpg, zip";

/// A part that every document of Office Open XML has (ECMA-376 part 2), its name in the clear.
const OFFICE: &[u8] = b"[Content_Types].xml";

impl FileKind {
    /// The kind of a file by its name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "json" | "txt" => Self::Text,
            "pdf" => Self::Pdf,
            "docx" => Self::Docx,
            "xlsx" => Self::Xlsx,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "zip" => Self::Zip,
            _ => return None,
        })
    }

    /// How files of this kind begin; one of these. Texts begin in any way.
    const fn beginnings(self) -> &'static [&'static [u8]] {
        match self {
            Self::Text => &[b""],
            Self::Pdf => &[b"%PDF-"],
            Self::Docx | Self::Xlsx => &[b"PK\x03\x04"],
            Self::Zip => &[b"PK\x03\x04", b"PK\x05\x06"],
            Self::Png => &[b"\x89PNG\r\n\x1a\n"],
            Self::Jpeg => &[b"\xff\xd8\xff"],
        }
    }

    /// What files of this kind hold somewhere.
    const fn holds(self) -> &'static [&'static [u8]] {
        match self {
            Self::Docx => &[OFFICE, b"word/"],
            Self::Xlsx => &[OFFICE, b"xl/"],
            _ => &[],
        }
    }
}

/// Looks at a file while it passes by, in constant memory.
#[derive(Debug)]
pub(super) struct Inspection {
    kind: FileKind,
    beginning: Vec<u8>,
    /// The end of what has passed: a character or a name may be cut in two.
    tail: Vec<u8>,
    seen: Vec<&'static [u8]>,
    bad: bool,
}

/// As much of the beginning as is looked at.
const BEGINNING: usize = 8;

impl Inspection {
    pub(super) const fn of(kind: FileKind) -> Self {
        Self {
            kind,
            beginning: Vec::new(),
            tail: Vec::new(),
            seen: Vec::new(),
            bad: false,
        }
    }

    /// The next bytes; false as soon as the file is not what its name says.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> bool {
        let missing = BEGINNING.saturating_sub(self.beginning.len()).min(bytes.len());
        self.beginning
            .extend_from_slice(bytes.get(..missing).unwrap_or_default());
        if self.beginning.len() >= BEGINNING && !self.begins_well() {
            self.bad = true;
        }
        if self.kind == FileKind::Text {
            self.pass_text(bytes);
        } else {
            self.look_for(bytes);
        }
        !self.bad
    }

    /// Whether the whole file is what its name says.
    pub(super) fn end(&self) -> bool {
        let all_seen = self.kind.holds().iter().all(|part| self.seen.contains(part));
        let whole_text = self.kind != FileKind::Text || self.tail.is_empty();
        !self.bad && self.begins_well() && all_seen && whole_text
    }

    fn begins_well(&self) -> bool {
        self.kind
            .beginnings()
            .iter()
            .any(|beginning| self.beginning.starts_with(beginning))
    }

    fn pass_text(&mut self, bytes: &[u8]) {
        self.bad |= bytes.contains(&0);
        self.tail.extend_from_slice(bytes);
        match std::str::from_utf8(&self.tail) {
            Ok(_) => self.tail.clear(),
            Err(error) if error.error_len().is_none() => {
                self.tail.drain(..error.valid_up_to());
            }
            Err(_) => self.bad = true,
        }
        if self.bad {
            self.tail.clear();
        }
    }

    fn look_for(&mut self, bytes: &[u8]) {
        let parts = self.kind.holds();
        if self.seen.len() == parts.len() {
            return;
        }
        self.tail.extend_from_slice(bytes);
        for part in parts {
            let is_there = || self.tail.windows(part.len()).any(|window| window == *part);
            if !self.seen.contains(part) && is_there() {
                self.seen.push(part);
            }
        }
        let kept = self.tail.len().min(OFFICE.len());
        self.tail.drain(..self.tail.len() - kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `content` passes as a file of this name, in pieces of `size`.
    fn passes(name: &str, content: &[u8], size: usize) -> bool {
        let mut inspection = Inspection::of(FileKind::of_name(name).unwrap());
        content.chunks(size).all(|piece| inspection.pass(piece)) && inspection.end()
    }

    #[test]
    fn a_file_must_be_what_its_name_says() {
        let docx = b"PK\x03\x04....[Content_Types].xml....word/document.xml";
        let xlsx = b"PK\x03\x04....xl/workbook.xml....[Content_Types].xml";
        let table: [(&str, &[u8], bool); 22] = [
            ("a.csv", b"a,b\n1,2\n", true),
            ("a.csv", "Käse,€\n".as_bytes(), true),
            ("a.TXT", "\u{feff}x".as_bytes(), true),
            ("a.csv", b"K\xe4se\n", false),
            ("a.csv", "Käse".as_bytes().split_last().unwrap().1, true),
            ("a.json", "ä".as_bytes().split_last().unwrap().1, false),
            ("a.txt", b"a\0b", false),
            ("a.csv", b"PK\x03\x04\x14\x00\x00\x00", false),
            ("a.pdf", b"%PDF-1.7\n...", true),
            ("a.pdf", b"\n%PDF-1.7", false),
            ("a.pdf", b"MZ\x90\x00\x03\x00\x00\x00", false),
            ("a.pdf", b"%PD", false),
            ("a.docx", docx, true),
            ("a.xlsx", xlsx, true),
            ("a.xlsx", docx, false),
            ("a.docx", b"PK\x03\x04 a plain archive", false),
            ("a.zip", b"PK\x05\x06\0\0\0\0", true),
            ("a.zip", b"Rar!\x1a\x07\x00\x00", false),
            ("a.png", b"\x89PNG\r\n\x1a\n....", true),
            ("a.png", b"\xff\xd8\xff\xe0....", false),
            ("a.jpeg", b"\xff\xd8\xff\xe0....", true),
            ("a.jpg", b"<svg onload=1>", false),
        ];
        for (name, content, right) in table {
            for size in [1, 3, 64] {
                assert_eq!(passes(name, content, size), right, "{name} {content:?} in {size}");
            }
        }
        for name in ["a.exe", "a.pdf.exe", "a.html", "a.svg", "pdf", "a.", "a.xlsm"] {
            assert_eq!(FileKind::of_name(name), None, "{name}");
        }
        assert_eq!(FileKind::of_name("a.exe.pdf"), Some(FileKind::Pdf));
    }
}
