//! Which redirects are followed, and what goes along.
//!
//! RFC 9110, section 15.4. Only GET and HEAD are redirected; a body is never sent a second time to
//! where somebody else says.

use std::net::Ipv4Addr;

use http::HeaderMap;
use http::Method;
use http::StatusCode;
use http::header;
use url::Host;
use url::Url;

use crate::Error;

/// Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a URL's host is the link-local address at which clouds answer questions about a machine.
pub(crate) fn is_metadata_server(url: &Url) -> bool {
    url.host() == Some(Host::Ipv4(Ipv4Addr::new(169, 254, 169, 254)))
}

/// Whether one server may send us to another at all, by redirect or otherwise: not from HTTPS to
/// plain HTTP, not from another machine to this one.
///
/// # Errors
/// `net.redirect-refused`.
pub fn check_hop(from: &Url, to: &Url) -> Result<(), Error> {
    check(from, to).map_err(|reason| Error::RedirectRefused {
        from: from.into(),
        to: to.into(),
        reason,
    })
}

/// Whether an answer of this status to this method asks to go elsewhere.
pub(crate) fn is_redirect(method: &Method, status: StatusCode) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
        && matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Whether one may go from one URL to another.
///
/// # Errors
/// Why not.
pub(crate) fn check(from: &Url, to: &Url) -> Result<(), &'static str> {
    match (from.scheme(), to.scheme()) {
        (_, "https") => {}
        ("http", "http") if is_loopback(to) => {}
        ("https", "http") => return Err("it leads from HTTPS to plain HTTP"),
        ("http", "http") => return Err("it leads to plain HTTP on another machine"),
        _ => return Err("it leads to something else than HTTP"),
    }
    if !is_loopback(from) && is_inside(to) {
        return Err("it leads from another machine to this one or its link");
    }
    Ok(())
}

/// Removes what only the first host may see.
pub(crate) fn drop_credentials(from: &Url, to: &Url, headers: &mut HeaderMap) {
    if from.origin() != to.origin() {
        headers.remove(header::AUTHORIZATION);
        headers.remove(header::COOKIE);
        headers.remove(header::PROXY_AUTHORIZATION);
    }
}

/// Loopback, link-local or unspecified addresses: where a stranger must not send us (the metadata
/// services of clouds are link-local).
fn is_inside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => {
            address.is_loopback() || address.is_link_local() || address.is_unspecified()
        }
        Some(Host::Ipv6(address)) => match address.to_ipv4_mapped() {
            Some(inner) => inner.is_loopback() || inner.is_link_local() || inner.is_unspecified(),
            None => {
                address.is_loopback() || address.is_unspecified() || address.is_unicast_link_local()
            }
        },
        _ => is_loopback(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(from: &str, to: &str) -> Result<(), &'static str> {
        check(&from.parse().unwrap(), &to.parse().unwrap())
    }

    #[test]
    fn follows_https_anywhere_outside() {
        assert!(verdict("https://a.example/x", "https://cdn.example/y").is_ok());
        assert!(verdict("http://localhost:1/x", "https://cdn.example/y").is_ok());
        assert!(verdict("http://localhost:1/x", "http://127.0.0.1:2/y").is_ok());
    }

    #[test]
    fn refuses_to_lose_protection_or_to_be_sent_inside() {
        for (from, to) in [
            ("https://a.example/", "http://a.example/"),
            ("https://a.example/", "http://localhost/"),
            ("https://a.example/", "https://localhost/"),
            ("https://a.example/", "https://169.254.169.254/"),
            ("https://a.example/", "https://[fe80::1]/"),
            ("https://a.example/", "https://[::ffff:127.0.0.1]/"),
            ("https://a.example/", "file:///etc/passwd"),
            ("http://localhost/", "http://a.example/"),
        ] {
            assert!(verdict(from, to).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn keeps_credentials_on_one_origin_only() {
        let kept = |from: &str, to: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, "x".parse().unwrap());
            drop_credentials(&from.parse().unwrap(), &to.parse().unwrap(), &mut headers);
            headers.contains_key(header::AUTHORIZATION)
        };
        assert!(kept("https://a.example/x", "https://a.example/y"));
        assert!(!kept("https://a.example/", "https://b.example/"));
        assert!(!kept("https://a.example/", "https://a.example:444/"));
        assert!(!kept("http://localhost/", "https://localhost/"));
    }
}
