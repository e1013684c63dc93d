use std::{fmt, net::Ipv4Addr, net::Ipv6Addr, str::FromStr};

/// An address under which people use the console: a scheme, a name and a port, such as `http://127.0.0.1:8686` or
/// `https://bartizan.example.com` (RFC 6454).
///
/// Plain `http` is for this machine alone: over a network it would carry the session's cookie in the clear.
///
/// ```
/// use bartizan_console::Origin;
///
/// let origin: Origin = "https://Bartizan.example.com:443/".parse()?;
/// assert_eq!(origin.to_string(), "https://bartizan.example.com");
/// assert!("http://bartizan.example.com".parse::<Origin>().is_err());
/// # Ok::<_, bartizan_console::BadOrigin>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    /// Name and port as browsers send them: in lower case, without the scheme's own port.
    authority: String,
    port: u16,
}

/// The text is not an address that a console can be used under.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// It has no scheme, or a path, a user, an impossible name or port.
    #[error("expected an address such as https://bartizan.example.com, without a path")]
    Form,
    /// It is `http` and leads away from this machine.
    #[error("http is only for this machine, since a network would carry the session in the clear: use https")]
    Plain,
}

impl Origin {
    /// The three names that this machine has for itself.
    pub fn loopback(port: u16) -> [Self; 3] {
        ["127.0.0.1", "localhost", "[::1]"].map(|name| Self::new(false, name, port))
    }

    fn new(secure: bool, name: &str, port: u16) -> Self {
        let usual = if secure { 443 } else { 80 };
        let authority = if port == usual { name.to_owned() } else { format!("{name}:{port}") };
        Self { secure, authority, port }
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// What a browser sends as `Host`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The name of the session's cookie. Browsers do not tell the ports of one machine apart, so that the name does;
    /// the prefix makes them refuse the cookie from anybody but this host over TLS (RFC 6265bis, 4.1.3).
    pub(crate) fn cookie(&self) -> String {
        if self.secure { "__Host-bartizan".to_owned() } else { format!("bartizan-{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }
}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(BadOrigin::Form)?;
        let secure = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(BadOrigin::Form),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The colons of an address in brackets are its own.
        let (name, port) = match rest.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (rest, None),
        };
        let port = match port {
            None => {
                if secure {
                    443
                } else {
                    80
                }
            }
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0).ok_or(BadOrigin::Form)?
            }
            Some(_) => return Err(BadOrigin::Form),
        };
        let (name, local) = name_of(name).ok_or(BadOrigin::Form)?;
        if !secure && !local {
            return Err(BadOrigin::Plain);
        }
        Ok(Self::new(secure, &name, port))
    }
}

/// A host name or address as browsers write it, and whether it is this machine.
fn name_of(name: &str) -> Option<(String, bool)> {
    if let Some(inner) = name.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some((format!("[{address}]"), address.is_loopback()));
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Some((address.to_string(), address.is_loopback()));
    }
    let label = |label: &str| {
        let sound = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        sound && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    // A last label of digits would be read as an address by browsers (WHATWG URL, "ends in a number").
    let last = name.rsplit('.').next()?;
    let sound = name.len() <= 253 && name.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| (name.to_owned(), name == "localhost" || name.ends_with(".localhost")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_is_an_origin_reads_back_as_it_is_written(text in "(http|https|HTTPS)://[\\[\\]a-zA-Z0-9:.\\-]{0,20}/?") {
            if let Ok(origin) = text.parse::<Origin>() {
                prop_assert_eq!(origin.to_string().parse(), Ok(origin.clone()));
                prop_assert!(origin.authority().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }

        #[test]
        fn no_text_is_too_odd_to_be_refused(text in any::<String>()) {
            prop_assert!(text.parse::<Origin>().is_err());
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, origin, authority, cookie) in [
            ("http://127.0.0.1:8686", "http://127.0.0.1:8686", "127.0.0.1:8686", "bartizan-8686"),
            ("http://LOCALHOST:8686/", "http://localhost:8686", "localhost:8686", "bartizan-8686"),
            ("http://[::1]:8686", "http://[::1]:8686", "[::1]:8686", "bartizan-8686"),
            ("http://[0:0::1]", "http://[::1]", "[::1]", "bartizan-80"),
            ("http://a.localhost:80", "http://a.localhost", "a.localhost", "bartizan-80"),
            ("https://b.example.com", "https://b.example.com", "b.example.com", "__Host-bartizan"),
            ("https://b.example.com:443", "https://b.example.com", "b.example.com", "__Host-bartizan"),
            ("https://b.example.com:80", "https://b.example.com:80", "b.example.com:80", "__Host-bartizan"),
            ("https://10.0.0.5:8443", "https://10.0.0.5:8443", "10.0.0.5:8443", "__Host-bartizan"),
        ] {
            let parsed: Origin = text.parse().unwrap();
            assert_eq!(parsed.to_string(), origin, "{text}");
            assert_eq!(parsed.authority(), authority, "{text}");
            assert_eq!(parsed.cookie(), cookie, "{text}");
            assert_eq!(origin.parse(), Ok(parsed), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "localhost",
            "localhost:8686",
            "//localhost",
            "ftp://localhost",
            "null",
            "http://",
            "http:///",
            "http://localhost:",
            "http://localhost:0",
            "http://localhost:65536",
            "http://localhost:+1",
            "http://localhost//",
            "http://localhost/x",
            "http://localhost?x",
            "http://localhost#x",
            "http://user@localhost",
            "http://local host",
            "http://::1",
            "http://[::1",
            "http://[::1]x",
            "https://a..b",
            "https://-a.b",
            "https://a_b",
            "https://bücher.example",
            "https://1.2.3.4.5",
            "https://a.b:1:2",
            "https://a\u{0}b",
            &format!("https://{}.com", "a".repeat(64)),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(BadOrigin::Form), "{text}");
        }
        for text in
            ["http://example.com", "http://10.0.0.5:8686", "http://[::2]", "http://127.0.0.1.example.com"]
        {
            assert_eq!(text.parse::<Origin>(), Err(BadOrigin::Plain), "{text}");
        }
    }

    #[test]
    fn this_machine_has_three_names() {
        let names = Origin::loopback(8686).map(|origin| origin.to_string());
        assert_eq!(names, ["http://127.0.0.1:8686", "http://localhost:8686", "http://[::1]:8686"]);
        for name in names {
            assert!(name.parse::<Origin>().is_ok(), "{name}");
        }
    }
}
