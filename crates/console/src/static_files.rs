//! The style sheet and the script.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    assets,
    refusal::{Reader, Refusal},
    server::of_type,
};

/// `GET /static/{hash}/{name}`. The address changes with the bytes, so that what stands under it never does.
pub(crate) async fn file(request: Request) -> Response {
    let path = request.uri().path();
    let Some((name, media_type, bytes)) = assets::FILES.iter().find(|(name, ..)| assets::path(name) == path)
    else {
        return Refusal::not_found().into_response(Reader::Person);
    };
    let tag = HeaderValue::try_from(format!("\"{}\"", assets::path(name)));
    let tag = tag.expect("the address of a file of ours is plain");
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|tags| *tags == tag);
    let mut response = if known { of_type(media_type, "") } else { of_type(media_type, *bytes) };
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(header::ETAG, tag);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
