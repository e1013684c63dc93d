//! Admission reviews of Kubernetes: what runs in a cluster has to be allowed by a decision of a gate.

mod decisions;
mod review;
mod serve;
mod tls;
mod workload;

use std::io::Read as _;

use anyhow::{Context as _, bail};

use self::{
    decisions::Decisions,
    review::{Answer, Review},
};
use crate::{arguments::AdmitArguments, environment::Environment, exit::Exit, output};

/// The most bytes of a review. Kubernetes holds objects of up to 1.5 MiB, of which a pod is a small part.
const MAX_REVIEW: u64 = 1024 * 1024;

/// `bartizan gate admit`
pub(super) fn run(arguments: &AdmitArguments) -> anyhow::Result<Exit> {
    if let Err(why) = arguments.root.parse::<bartizan_attest::KeyFingerprint>() {
        bail!("--root is no fingerprint of a key: {why}");
    }
    if let (Some(address), Some(certificate), Some(key)) =
        (arguments.listen, &arguments.tls_certificate, &arguments.tls_key)
    {
        return serve::run(arguments.clone(), address, tls::Files::new(certificate, key));
    }
    let mut review = Vec::new();
    let mut input = std::io::stdin().lock().take(MAX_REVIEW + 1);
    #[expect(clippy::disallowed_methods, reason = "`take` bounds it")]
    input.read_to_end(&mut review).context("cannot read standard input")?;
    if review.len() as u64 > MAX_REVIEW {
        bail!("the review is longer than {MAX_REVIEW} bytes");
    }
    let review =
        Review::parse(&review).map_err(|why| anyhow::anyhow!("this is no admission review: {why}"))?;
    let answer = answer(arguments, &review);
    output::print(&super::super::json(&answer)?)?;
    Ok(if answer.is_allowed() { Exit::Done } else { Exit::Code(1) })
}

/// Judges a review by the decisions that are there now, and says so on standard error.
fn answer(arguments: &AdmitArguments, review: &Review) -> Answer {
    let now = Environment::now();
    let answer = review.answer(arguments.subjects_only, |subjects| {
        let decisions = Decisions::read(arguments, now)?;
        Ok(subjects.iter().map(|subject| decisions.on(arguments, *subject, now)).collect())
    });
    output::talk(&format!("bartizan: {now} {}", answer.told(review)));
    answer
}
