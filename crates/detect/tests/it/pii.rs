use bartizan_detect::Family;

use crate::{shown, values};

fn silent(code: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(values(code, text), Vec::<String>::new(), "{text}");
    }
}

fn fires(code: &str, texts: &[(&str, &str)]) {
    for (text, value) in texts {
        assert_eq!(values(code, text), [*value], "{text}");
    }
}

#[test]
fn addresses_of_people_are_e_mail_addresses() {
    fires(
        "PII001",
        &[
            ("write to ana.lopez@mail.acme.io.", "ana.lopez@mail.acme.io"),
            ("<o'neil+tag@acme.co.uk>", "o'neil+tag@acme.co.uk"),
            ("mailto:x_1@a-b.de?subject=1", "x_1@a-b.de"),
            ("\"ana@acme.io\"", "ana@acme.io"),
            ("'ana@acme.io'", "ana@acme.io"),
            ("ana@acme.io,", "ana@acme.io"),
            ("ANA@ACME.IO", "ANA@ACME.IO"),
            ("an\u{e4}ana@acme.io", "ana@acme.io"),
            ("ana@xn--bcher-kva.example.xn--p1ai", "ana@xn--bcher-kva.example.xn--p1ai"),
            ("x@acme.io.2024", "x@acme.io"),
        ],
    );
}

#[test]
fn what_only_looks_like_an_address_is_none() {
    silent(
        "PII001",
        &[
            "@ana",
            "ana@",
            "ana@host",
            "ana@host.",
            "a@b.c",
            "icon@2x.png",
            "logo@3x.webp",
            "git@github.com:a/b.git",
            "user@1000.service",
            "react@18.2.0",
            "@app.route",
            "a..b@acme.io",
            "ana.@acme.io",
            "ana@-acme.io",
            "curve25519-sha256@libssh.org",
            "a@b@acme.i",
            "ana@acme.io@x",
            "Foo@1a2b3c",
            "$x@$y.z",
        ],
    );
    let long = format!("{}@acme.io", "a".repeat(65));
    silent("PII001", &[&long]);
}

#[test]
fn reserved_domains_are_shown_as_information() {
    insta::assert_snapshot!(
        shown(Family::PersonalData, "ana@example.com bob@mail.test cleo@acme.io dan@notexample.com"),
        @r"
    PII001 info medium: ana@example.com
    PII001 info medium: bob@mail.test
    PII001 low high: cleo@acme.io
    PII001 low high: dan@notexample.com
    "
    );
}

#[test]
fn card_numbers_have_a_brand_a_length_and_a_check_digit() {
    fires(
        "PII002",
        &[
            ("4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("paid with 5500-0055-5555-5559.", "5500-0055-5555-5559"),
            ("3782 822463 10005", "3782 822463 10005"),
            ("card: 378282246310005", "378282246310005"),
            ("4111111111111111,\"x\"", "4111111111111111"),
            ("2223003122003222", "2223003122003222"),
            ("6011111111111117", "6011111111111117"),
            ("3530111333300000", "3530111333300000"),
            ("diners card 30569309025904", "30569309025904"),
            ("x 12 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ],
    );
    silent(
        "PII002",
        &[
            "4111 1111 1111 1112",
            "4111-1111 1111-1111",
            "41111111111111110",
            "9111111111111111",
            "0.4111111111111111",
            "a4111111111111111",
            "4111111111111111f",
            "4111111111111111.5",
            "30569309025904",
            "id-4111111111111111",
            "1700000000000",
            "4111 1111 1111 11111",
            "20240101120000",
        ],
    );
}

#[test]
fn unnamed_numbers_in_one_piece_are_less_sure() {
    insta::assert_snapshot!(
        shown(Family::PersonalData, "4111111111111111 and\n the customer's long forgotten credit card 4012888888881881"),
        @r"
    PII002 low medium: 4111111111111111
    PII002 medium high: 4012888888881881
    "
    );
}

#[test]
fn account_numbers_have_a_country_a_length_and_check_digits() {
    fires(
        "PII003",
        &[
            ("GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
            ("IBAN:DE89370400440532013000.", "DE89370400440532013000"),
            ("(NO9386011117947)", "NO9386011117947"),
            ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
            ("FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"),
        ],
    );
    silent(
        "PII003",
        &[
            "GB82 WEST 1234 5698 7654 33",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "XX89370400440532013000",
            "XDE89370400440532013000",
            "GB82 WEST1234 5698 7654 32",
            "de89370400440532013000",
        ],
    );
}

#[test]
fn addresses_that_are_routed_are_ip_addresses() {
    fires(
        "PII004",
        &[
            ("from 93.184.216.34 port", "93.184.216.34"),
            ("http://93.184.216.34:8080/", "93.184.216.34"),
            ("93.184.216.34.", "93.184.216.34"),
            ("host 2.17.4.9 up", "2.17.4.9"),
            ("2a00:1450:4001:81b::200e", "2a00:1450:4001:81b::200e"),
            ("[2606:2800:220:1:248:1893:25c8:1946]:443", "2606:2800:220:1:248:1893:25c8:1946"),
            ("at 2a00:1450:4001:81b::200e:", "2a00:1450:4001:81b::200e"),
        ],
    );
    silent(
        "PII004",
        &[
            "10.0.0.1",
            "192.168.1.20",
            "172.16.9.4",
            "127.0.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "8.8.8.8",
            "1.2.3.4",
            "v93.184.216.34",
            "93.184.216.34.1",
            "93.184.216.340",
            "093.184.216.34",
            "1.3.6.1.4.1.311",
            "93.184.216.0",
            "version 2.17.4.9",
            "::1",
            "fe80::1",
            "2001:db8::1",
            "2001:470",
            "std::vec::Vec",
            "12:30:45",
            "2024:01:02:03",
            "dead::beef",
            "a93.184.216.34",
        ],
    );
}

#[test]
fn social_security_numbers_could_have_been_issued() {
    insta::assert_snapshot!(
        shown(Family::PersonalData, "536-90-4399, SSN 536 90 4399; social security number: 536904399 or 123-45-6789"),
        @r"
    PII005 medium medium: 536-90-4399
    PII005 medium high: 536 90 4399
    PII005 medium high: 536904399
    PII005 medium high: 123-45-6789
    "
    );
    insta::assert_snapshot!(shown(Family::PersonalData, "123-45-6789"), @"PII005 medium low: 123-45-6789");
    silent(
        "PII005",
        &[
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "536-00-4399",
            "536-90-0000",
            "078-05-1120",
            "219-09-9999",
            "536904399",
            "536 90 4399",
            "1-536-90-4399",
            "536-90-43991",
            "536-90-4399-1",
            "536-90 4399",
            "ISBN 536904399",
        ],
    );
}

#[test]
fn the_wider_of_two_kinds_is_shown() {
    assert_eq!(values("PII002", "DE75512108001245126199 GB33BUKB20201555555555").len(), 0);
    assert_eq!(values("PII003", "DE75512108001245126199 GB33BUKB20201555555555").len(), 2);
}
