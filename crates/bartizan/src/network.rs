//! The one place that speaks to the network, and only where a command names an address.

use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long an answer may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status of HTTP.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, where the answer is 200.
    pub(crate) fn expect_ok(self, url: &str) -> anyhow::Result<Vec<u8>> {
        if self.status == 200 {
            return Ok(self.body);
        }
        // Whoever shows an error escapes it.
        let said: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
        bail!("{url} answers with {}: {said}", self.status)
    }
}

/// Posts a body and reads at most `limit` bytes of the answer, whatever its status. No redirect is followed: what is
/// sent is meant for the address that was named.
pub(crate) fn post(url: &str, content_type: &str, body: &[u8], limit: u64) -> anyhow::Result<Answer> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("bartizan/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let answer = agent.post(url).content_type(content_type).send(body);
    let mut answer = answer.with_context(|| format!("cannot reach {url}"))?;
    let body = answer.body_mut().with_config().limit(limit).read_to_vec();
    Ok(Answer {
        status: answer.status().as_u16(),
        body: body.with_context(|| format!("cannot read the answer of {url}"))?,
    })
}
