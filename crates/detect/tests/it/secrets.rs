use bartizan_detect::{Engine, Family, Selection, rules};
use bartizan_finding::RuleMeta;

use crate::{line, shown};

fn secret() -> &'static RuleMeta {
    let mut all = rules().into_iter();
    all.find(|rule| rule.code.as_str() == "SEC001").expect("the registry lists the rule of secrets")
}

#[test]
fn each_row_finds_its_hit_and_not_its_near_miss() {
    let engine = Engine::new(Selection::all(), None);
    assert!(secret().variants.len() >= 30);
    for row in secret().variants {
        for (before, after) in
            [("", ""), ("see ", " there"), ("x = '", "'\n"), ("{\"k\": \"", "\"}"), ("(", ")")]
        {
            let whole = row.id != "gcp-service-account" || before.is_empty();
            let hit = format!("{before}{}{after}", (row.hit)());
            let found: Vec<_> =
                engine.scan_all(hit.as_bytes()).iter().map(|one| line(one, hit.as_bytes())).collect();
            let wanted = format!("SEC001/{} ", row.id);
            assert!(
                !whole || found.len() == 1 && found[0].starts_with(&wanted),
                "{}: {found:?} in {hit}",
                row.id
            );
            let miss = format!("{before}{}{after}", (row.miss)());
            let found: Vec<_> =
                engine.scan_all(miss.as_bytes()).iter().filter_map(|one| one.variant).collect();
            assert!(!found.contains(&row.id), "{} in {miss}", row.id);
        }
    }
}

#[test]
fn a_token_inside_a_longer_word_is_none() {
    let engine = Engine::new(Selection::all(), None);
    for id in ["aws-access-key-id", "github-token", "hugging-face", "google-api-key", "databricks", "npm"] {
        let hit = (secret().variant(id).unwrap().hit)();
        for longer in [format!("x{hit}"), format!("{hit}x1")] {
            assert_eq!(engine.scan_all(longer.as_bytes()).len(), 0, "{longer}");
        }
    }
}

#[test]
fn a_wrong_checksum_lowers_what_is_said() {
    let right = (secret().variant("github-token").unwrap().hit)();
    let wrong = format!(
        "{}{}",
        right.get(..right.len() - 1).unwrap_or_default(),
        if right.ends_with('0') { '1' } else { '0' }
    );
    assert!(shown(Family::Secrets, &right).starts_with("SEC001/github-token high high: "));
    assert!(shown(Family::Secrets, &wrong).starts_with("SEC001/github-token low low: "));
}

#[test]
fn placeholders_and_code_are_silent() {
    for text in [
        "api_key = os.environ[\"OPENAI_API_KEY\"]",
        "password = \"correct horse battery staple\"",
        "secret_key = get_secret_value(\"projects/1234/secrets/x\")",
        "API_KEY = \"your-api-key-goes-here-1234\"",
        "access_token: ${{ secrets.GITHUB_TOKEN }}",
        "secretName: my-kubernetes-secret-2024",
        "password_hash == stored_password_hash_v2",
        "\"accessor\":\"rA1wk0Y45YCufyfq\"",
        "private_key_path = /etc/ssl/private/server-2024.key",
        "https://user:password@example.com/",
        "postgres://user:${PASSWORD}@db/orders",
        "http://{user}:{password}@host",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
        "GLC_CreateLightmapTextureArray hf_generatedByHomeAppForDebuggingP",
    ] {
        assert_eq!(shown(Family::Secrets, text), "", "{text}");
    }
}

#[test]
fn the_specific_kind_is_shown_rather_than_the_generic() {
    let row = secret().variant("stripe-live").unwrap();
    let text = format!("STRIPE_SECRET_KEY=\"{}\"", (row.hit)());
    assert!(shown(Family::Secrets, &text).starts_with("SEC001/stripe-live high high: sk_live_"));
    assert_eq!(shown(Family::Secrets, &text).lines().count(), 1);
}

#[test]
fn escaped_quotes_and_other_assignments_are_understood() {
    let value = (secret().variant("generic").unwrap().hit)().replace("api_key = ", "");
    let bare = value.trim_matches('"');
    for text in [
        format!("{{\\\"api_key\\\": \\\"{bare}\\\"}}"),
        format!("API_KEY={bare}\n"),
        format!("config['apiKey'] = '{bare}'"),
        format!("\"client_secret\" : \"{bare}\""),
        format!("db_password => \"{bare}\""),
        format!("?access_token={bare}&x=1"),
    ] {
        let shown = shown(Family::Secrets, &text);
        assert!(shown.starts_with("SEC001/generic medium ") && shown.ends_with(bare), "{text}: {shown}");
    }
}
