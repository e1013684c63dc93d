use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use crate::access::Origin;

/// What a page of ours may do: load our style sheet, script and pictures, ask us, and send forms to us.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What anything else may do.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a picture of ours may do: it may carry its own style.
const PICTURE: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/// Two years, for this name alone: what else runs below it is not ours to decide.
const TLS_ONLY: &str = "max-age=63072000";

/// What every answer says, whatever it is.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // With `no-referrer` browsers send `Origin: null` with forms, which is no address of ours.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), \
         xr-spatial-tracking=()",
    ),
];

/// Tells the browser what an answer may do and who may see it. What already says how long it may be kept, or what it
/// may do, is left so.
pub(super) fn seal(mut response: Response, origin: Option<&Origin>) -> Response {
    let headers = response.headers_mut();
    let media_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let policy = if media_type.starts_with(b"text/html") {
        PAGE
    } else if media_type.starts_with(b"image/svg") {
        PICTURE
    } else {
        DATA
    };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if origin.is_some_and(Origin::is_secure) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    response
}
