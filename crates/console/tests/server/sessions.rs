//! How people come in, stay and leave.

use std::sync::atomic::Ordering::SeqCst;

use crate::{
    client::{Server, limits},
    host::Check,
    reports::{SMALL, report},
};

#[test]
fn a_link_lets_one_person_in_once() {
    let server = Server::new(Check::Finishes);
    let (link, path) = (server.console.link(), server.way_in());
    assert_eq!(*server.host.links.lock().unwrap(), std::slice::from_ref(&link));
    let entered = server.get(&path).send();
    assert_eq!((entered.status, entered.header("location")), (303, Some("/")));
    let newer = server.console.link();
    assert_ne!(newer, link);
    assert_eq!(*server.host.links.lock().unwrap(), [link, newer]);
    let again = server.get(&path).send();
    assert_eq!(again.status, 403);
    assert_eq!(again.header("set-cookie"), None);
    assert!(again.text().contains("terminal"), "{again:?}");
    assert_eq!(server.get(&server.way_in()).send().status, 303, "the new one works");
}

#[test]
fn a_token_is_256_bits_that_need_no_escape() {
    let server = Server::new(Check::Finishes);
    let (_, token) =
        server.console.link().split_once("?token=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(token.len(), 43);
    assert!(
        token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'),
        "{token}"
    );
}

#[test]
fn looking_ahead_does_not_use_up_the_link() {
    let server = Server::new(Check::Finishes);
    let path = server.way_in();
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let answer = server.get(&path).with(name, value).send();
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{name}: {value}");
    }
    let head = server.request("HEAD", &path).send();
    assert_eq!((head.status, head.header("set-cookie"), head.body.len()), (403, None, 0));
    assert_eq!(server.request("POST", &path).send().status, 403);
    assert_eq!(server.host.links.lock().unwrap().len(), 1);
    assert_eq!(server.get(&path).send().status, 303);
}

#[test]
fn wrong_tokens_are_soon_too_many_and_never_shut_out_the_right_one() {
    let server = Server::new(Check::Finishes);
    let wrong = |status| {
        for path in ["/enter?token=wrong", "/enter?token=", "/enter", "/enter?token=%FF", "/enter?Token=x"] {
            assert_eq!(server.get(path).send().status, status, "{path}");
        }
    };
    wrong(403);
    wrong(403);
    wrong(429);
    assert_eq!(server.get("/enter?token=wrong").send().header("retry-after"), Some("60"));
    assert_eq!(server.get(&server.way_in()).send().status, 303);
    wrong(403);
    wrong(403);
    wrong(429);
    server.host.pass(60);
    wrong(403);
}

#[test]
fn a_person_led_here_by_another_site_gets_in_without_a_redirect() {
    let server = Server::new(Check::Finishes);
    let path = server.way_in();
    let request = server.get(&path).with("sec-fetch-site", "cross-site");
    let answer = request.with("sec-fetch-mode", "navigate").with("sec-fetch-dest", "document").send();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("refresh"), Some("0; url=/"));
    assert!(answer.header("set-cookie").is_some());
}

#[test]
fn the_cookie_is_kept_from_scripts_and_from_other_sites() {
    let server = Server::with(Check::Finishes, limits(), &["https://b.example.com"]);
    server.console.show(report(SMALL));
    let cookie = |authority: &str| {
        let answer = server.get(&server.way_in()).host(Some(authority)).send();
        answer.header("set-cookie").unwrap().to_owned()
    };
    let plain = cookie(&server.authority);
    let (name, rest) = plain.split_once('=').unwrap();
    assert_eq!(name, format!("bartizan-{}", server.address.port()));
    let (value, rest) = rest.split_once("; ").unwrap();
    assert_eq!((value.len(), rest), (43, "Path=/; HttpOnly; SameSite=Strict"));
    let secure = cookie("b.example.com");
    let (name, rest) = secure.split_once('=').unwrap();
    let (value, rest) = rest.split_once("; ").unwrap();
    assert_eq!(
        (name, value.len(), rest),
        ("__Host-bartizan", 43, "Path=/; HttpOnly; SameSite=Strict; Secure")
    );
    // Each works where it was given and nowhere else.
    let secure = secure.split(';').next().unwrap();
    assert_eq!(server.get("/").host(Some("b.example.com")).with("cookie", secure).send().status, 200);
    assert_eq!(server.get("/").with("cookie", secure).send().status, 401);
}

#[test]
fn a_session_ends_after_idle_time_and_only_then() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for _ in 0..3 {
        server.host.pass(3_600);
        assert_eq!(visitor.get("/").send().status, 200);
    }
    server.host.pass(-7_200);
    assert_eq!(visitor.get("/").send().status, 200, "a clock that is set back ends nothing");
    server.host.pass(-86_400);
    let other = server.enter();
    server.host.pass(3_601);
    assert_eq!(visitor.get("/").send().status, 401, "nor does it keep anything up");
    assert_eq!(other.get("/").send().status, 401);
    server.host.pass(-3_601);
    assert_eq!(visitor.get("/").send().status, 401, "what has ended stays ended");
}

#[test]
fn two_people_come_and_go_independently() {
    let server = Server::new(Check::Finishes);
    let (one, two) = (server.enter(), server.enter());
    assert_ne!(one.cookie, two.cookie);
    assert_ne!(one.csrf, two.csrf);
    let left = one.post("/leave").send();
    assert_eq!(left.status, 200);
    let expected =
        format!("bartizan-{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", server.address.port());
    assert_eq!(left.header("set-cookie"), Some(expected.as_str()));
    assert_eq!(one.get("/").send().status, 401);
    assert_eq!(two.get("/").send().status, 200);
    assert_eq!(two.request("POST", "/leave").send().status, 403, "leaving needs its proof, too");
    assert_eq!(two.get("/").send().status, 200);
}

#[test]
fn coming_in_again_replaces_the_session() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let path = server.way_in();
    assert_eq!(visitor.get(&path).send().status, 303);
    assert_eq!(visitor.get("/").send().status, 401);
}

#[test]
fn the_one_who_was_away_longest_makes_room() {
    let server = Server::new(Check::Finishes);
    let first = server.enter();
    server.host.pass(1);
    let second = server.enter();
    for _ in 0..62 {
        server.host.pass(1);
        server.enter();
    }
    assert_eq!(first.get("/").send().status, 200);
    server.host.pass(1);
    server.enter();
    assert_eq!(second.get("/").send().status, 401);
    assert_eq!(first.get("/").send().status, 200);
}

#[test]
fn a_cookie_that_comes_twice_is_not_chosen_from() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let name = visitor.cookie.split('=').next().unwrap();
    for cookies in [
        format!("{}; {}", visitor.cookie, visitor.cookie),
        format!("{name}=planted; {}", visitor.cookie),
        format!("{}; {name}=planted", visitor.cookie),
    ] {
        assert_eq!(server.get("/").with("cookie", &cookies).send().status, 400, "{cookies}");
    }
    assert_eq!(visitor.get("/").with("cookie", "other=1").send().status, 200);
    for cookie in ["", "=", name, &format!("{name}="), &format!("{name}=x"), &format!("{}x", visitor.cookie)]
    {
        assert_eq!(server.get("/").with("cookie", cookie).send().status, 401, "{cookie:?}");
    }
}

#[test]
fn without_randomness_nobody_comes_in_and_the_link_is_kept() {
    let server = Server::new(Check::Finishes);
    let path = server.way_in();
    server.host.random.store(false, SeqCst);
    let answer = server.get(&path).send();
    assert_eq!((answer.status, answer.header("set-cookie")), (503, None));
    server.host.random.store(true, SeqCst);
    assert_eq!(server.get(&path).send().status, 303);
}
