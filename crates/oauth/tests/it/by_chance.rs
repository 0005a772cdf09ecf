//! Pieces that mean something, put together by chance, and bytes that mean nothing.

use proptest::prelude::*;

use crate::hostile;

/// Words of the protocol, each often enough to get past the first look.
const WORDS: [&str; 52] = [
    "client_id=7",
    "client_id=8",
    "client_id=",
    "client_id=0",
    "client_id=+7",
    "client_secret=s",
    "client_secret=",
    "redirect_uri=https://app.test/cb",
    "redirect_uri=https%3A%2F%2Fapp.test%2Fcb",
    "redirect_uri=https://app.test/cb?tenant=a%2520b",
    "redirect_uri=http://127.0.0.1:5000/cb",
    "redirect_uri=http://127.0.0.1/cb",
    "redirect_uri=https://app.test/cb/",
    "response_type=code",
    "response_type=token",
    "response_type=code%20token",
    "scope=all",
    "scopes=all",
    "scope=read",
    "state=a%20b%26",
    "state=%F0%9F%98%80",
    "state=",
    "account_id=1",
    "account_id=-1",
    "account_id=99999999999999999999",
    "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method=S256",
    "code_challenge_method=plain",
    "code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "resource=https://vendor.test/v2",
    "resource=",
    "grant_type=authorization_code",
    "grant_type=refresh_token",
    "grant_type=password",
    "code=c",
    "code=",
    "refresh_token=r",
    "refresh_token=r%00",
    "iss=https://evil.test",
    "%",
    "%zz",
    "%ff",
    "=",
    "&",
    "a=b=c",
    "Bearer ",
    "bearer abc",
    "Basic ",
    "basic Nzpz",
    "Nzpz",
    ":",
    " ",
];

const PIECES: [&str; 34] = [
    "https://",
    "http://",
    "HTTPS://",
    "https:",
    "com.example.app:/",
    "javascript:",
    "127.0.0.1",
    "[::1]",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "app.test",
    "APP.test",
    "app.test.",
    "user@",
    "user:pw@",
    ":80",
    ":443",
    ":0",
    ":99999",
    ":",
    "/",
    "/cb",
    "/cb/",
    "/../",
    "/%2e%2e/",
    "?a=b",
    "?code=x",
    "#f",
    "\\",
    "*.",
    "\n",
    "\u{3002}",
    " ",
];

fn joined(words: &'static [&'static str], with: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        12 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(word, 0..9).prop_map(move |words| words.join(with.as_bytes()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_query_leads_anywhere_but_to_a_registered_address(query in joined(&WORDS, "&")) {
        // AS-4, AS-5, AS-10, AS-12
        hostile::authorize_query(&query);
    }

    #[test]
    fn a_token_request_is_whole_or_refused(body in joined(&WORDS, "&")) {
        // AS-3, AS-40
        hostile::token_body(&body);
    }

    #[test]
    fn a_header_has_one_meaning(value in joined(&WORDS, "")) {
        // AS-36, AS-57
        hostile::authorization_header(&value);
    }

    #[test]
    fn an_address_matches_itself_and_a_loopback_port(lines in joined(&PIECES, "")) {
        // AS-5, AS-7, AS-8
        hostile::redirect_uris(&lines);
    }

    #[test]
    fn bytes_without_meaning_break_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        hostile::authorize_query(&bytes);
        hostile::token_body(&bytes);
        hostile::authorization_header(&bytes);
        hostile::redirect_uris(&bytes);
    }
}
