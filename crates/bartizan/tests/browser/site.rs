//! A web site of the test's own: pages with planted faults, and the site of somebody else.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
};

/// The policy of the console's pages.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A site that answers until the test ends.
pub(crate) struct Site {
    port: u16,
}

/// What stands at a path: its media type, and its text.
pub(crate) type Pages = BTreeMap<&'static str, (&'static str, String)>;

impl Site {
    /// `policy` is sent with every page; none where it is empty.
    pub(crate) fn serve(pages: Pages, policy: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let pages = Arc::new(pages);
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let pages = pages.clone();
                std::thread::spawn(move || answer(stream, &pages, policy));
            }
        });
        Self { port }
    }

    /// The address of a path, under the name `host`.
    pub(crate) fn at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }
}

fn answer(mut stream: TcpStream, pages: &Pages, policy: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).and_then(|target| target.split('?').next()).unwrap_or_default();
    let (status, media_type, body) = match pages.get(path) {
        Some((media_type, body)) => ("200 OK", *media_type, body.as_str()),
        None => ("404 Not Found", "text/plain", "nothing here"),
    };
    let policy =
        if policy.is_empty() { String::new() } else { format!("Content-Security-Policy: {policy}\r\n") };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{policy}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
