//! Large answers, of which only so much is held at a time.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, HttpBody as _, to_bytes},
    http::{StatusCode, header},
    response::Response,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;

/// An answer up to this many bytes is not counted: every page is shorter.
const SMALL: u64 = 1024 * 1024;

/// What is counted, in bytes: a semaphore has places for fewer than there can be bytes.
const UNIT: u64 = 1024;

/// Room for large answers that somebody has not yet taken in.
pub(crate) struct Room {
    units: u32,
    free: Arc<Semaphore>,
}

/// The bytes of an answer and their room, which is given back with the last of them.
struct Held {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Room {
    /// Room for `bytes`.
    pub(super) fn new(bytes: u64) -> Self {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).max(1);
        Self { units, free: Arc::new(Semaphore::new(units as usize)) }
    }

    /// The same answer, which takes room until it was sent; a refusal where there is none. An answer that is larger
    /// than all of the room gets all of it.
    pub(super) async fn hold(&self, response: Response) -> Result<Response, Refusal> {
        let length = response.body().size_hint().exact().unwrap_or_default();
        if length <= SMALL {
            return Ok(response);
        }
        let units = u32::try_from(length.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.units);
        let room = self.free.clone().try_acquire_many_owned(units).map_err(|_| full())?;
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Refusal::broken())?;
        Ok(Response::from_parts(head, Body::from(Bytes::from_owner(Held { bytes, _room: room }))))
    }
}

fn full() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many large answers are being downloaded.",
        "Try again when one of them has arrived.",
    )
    .with(header::RETRY_AFTER, "10")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(length: u64) -> Response {
        Response::new(Body::from(vec![b'a'; usize::try_from(length).unwrap()]))
    }

    #[tokio::test]
    async fn room_is_given_back_with_the_answer() {
        let room = Room::new(3 * SMALL);
        let first = room.hold(of(2 * SMALL)).await.unwrap();
        assert_eq!(first.body().size_hint().exact(), Some(2 * SMALL));
        assert!(room.hold(of(2 * SMALL)).await.is_err());
        assert!(room.hold(of(SMALL)).await.is_ok(), "a small one takes none");
        let bytes = to_bytes(first.into_body(), usize::MAX).await.unwrap();
        assert!(room.hold(of(2 * SMALL)).await.is_err(), "the bytes are still there");
        drop(bytes);
        assert!(room.hold(of(9 * SMALL)).await.is_ok(), "the largest one gets all");
        assert!(room.hold(of(2 * SMALL)).await.is_ok());
    }
}
