//! The syntax of an e-mail address, as far as it can be told without sending a mail.

/// Is `text` an address that could receive mail? RFC 5321 section 4.1.2 with UTF-8 (RFC 6531); no comments, no
/// folding, no address literals. Control characters never pass, so nothing here can reach a mail header.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    is_local_part(local) && is_domain(domain)
}

fn is_local_part(local: &str) -> bool {
    // RFC 5321 section 4.5.3.1.1 counts octets.
    if local.is_empty() || local.len() > 64 {
        return false;
    }
    if let Some(quoted) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return is_quoted_content(quoted);
    }
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        _ if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        _ => is_harmless(c),
    }
}

fn is_quoted_content(quoted: &str) -> bool {
    let mut escaped = false;
    for c in quoted.chars() {
        if c.is_control() || (!c.is_ascii() && !is_harmless(c)) {
            return false;
        }
        escaped = match (escaped, c) {
            (false, '\\') => true,
            (false, '"') => return false,
            (true | false, _) => false,
        };
    }
    !escaped
}

fn is_domain(domain: &str) -> bool {
    domain.len() <= 255 && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && is_harmless(c)))
}

/// Beyond ASCII: letters of any script, but no spaces, no controls and none of the characters that change the
/// direction of the text around them.
fn is_harmless(c: char) -> bool {
    let steers_text =
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    !c.is_control() && !c.is_whitespace() && !steers_text
}
