mod reference;

use std::fmt::Write as _;

use bartizan_engine::registry;
use bartizan_finding::{ControlId, RuleCode, RuleMeta};
use bartizan_standards::Control;

use crate::{arguments::Global, environment::Environment, exit::Exit, output};

/// `bartizan explain`
pub(crate) fn run(code: &str, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let _ = global;
    // An edition has a colon; neither rules nor controls have one.
    if code.split_once('/').is_some_and(|(edition, _)| edition.contains(':')) {
        let text = reference::of_reference(&code.parse()?, &super::config::official(environment))?;
        output::print(&text)?;
        return Ok(Exit::Done);
    }
    let (name, variant) = code.split_once('/').map_or((code, None), |(name, variant)| (name, Some(variant)));
    let text = if let Ok(code) = name.to_uppercase().parse::<RuleCode>() {
        let rule = registry::rule(&code).ok_or_else(|| unknown(name))?;
        match variant {
            Some(id) => of_variant(rule, id)?,
            None => of_rule(rule),
        }
    } else {
        let id: ControlId = name.parse().map_err(|_| unknown(name))?;
        of_control(
            bartizan_standards::control(&id).ok_or_else(|| unknown(name))?,
            &super::config::official(environment),
        )
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

fn unknown(name: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "there is no rule, control or reference `{}`; `bartizan rules` lists the rules, `bartizan check` shows the \
         controls, `bartizan standards list` the editions of references",
        bartizan_artifact::escape(name, 40)
    )
}

/// The page of a rule, in Markdown: what `explain` prints and what the reference holds.
pub(crate) fn of_rule(rule: &RuleMeta) -> String {
    let mut text = format!(
        "{} {} ({}, {} confidence)\n\n{}\n",
        rule.code, rule.name, rule.severity, rule.confidence, rule.title
    );
    let sections = [
        ("What it finds", rule.what),
        ("Why it matters", rule.why),
        ("Example", rule.example),
        ("Fix", rule.fix),
    ];
    for (heading, body) in sections {
        let _ = write!(text, "\n## {heading}\n\n{body}\n");
    }
    if !rule.controls.is_empty() {
        let controls: Vec<_> = rule.controls.iter().map(ControlId::as_str).collect();
        let _ = write!(text, "\n## Speaks against\n\n{}\n", controls.join(", "));
    }
    if !rule.variants.is_empty() {
        text.push_str("\n## Variants\n\n");
        for variant in rule.variants {
            let _ = writeln!(text, "- {}/{}: {}", rule.code, variant.id, variant.title);
        }
    }
    text.push_str("\n## References\n\n");
    for reference in rule.references {
        let _ = writeln!(text, "- {reference}");
    }
    text
}

fn of_variant(rule: &RuleMeta, id: &str) -> anyhow::Result<String> {
    let variant = rule.variant(id).ok_or_else(|| unknown(id))?;
    Ok(format!(
        "{}/{}: {}\n\nFormat: {}\n\n{}",
        rule.code,
        variant.id,
        variant.title,
        variant.reference,
        of_rule(rule)
    ))
}

/// The page of a control, in Markdown, with official wording where the user has brought it along.
pub(crate) fn of_control(control: &Control, official: &[bartizan_standards::OfficialTexts]) -> String {
    let mut text = format!("{}: {}\n\n{}\n", control.id, control.title, control.why);
    let considerations: Vec<_> =
        control.considerations.iter().map(|one| format!("{} {}", one.id(), one.title())).collect();
    let _ = write!(
        text,
        "\nGroup {}, baseline {}, owned by the {}.\nConsiderations: {}.\n\n## What must be shown\n",
        control.group.as_str(),
        control.baseline,
        control.owner,
        considerations.join("; ")
    );
    for clause in &control.clauses {
        let _ = write!(text, "\n{}\n\n", clause.text);
        for edge in &clause.edges {
            let criteria: Vec<_> = edge.criteria.iter().chain(&edge.fully).map(ToString::to_string).collect();
            let _ = writeln!(
                text,
                "- {} ({}), at most {} old: {}. {}",
                edge.kind,
                edge.strength,
                age(edge.max_age_hours),
                criteria.join("; "),
                edge.obtain
            );
        }
    }
    let _ = write!(text, "\n## If it fails\n\n{}\n\n## Serves\n\n", control.mend);
    for (reference, part) in control
        .covers
        .iter()
        .map(|one| (one, ""))
        .chain(control.covers_part.iter().map(|one| (one, " (in part)")))
    {
        let paraphrase = bartizan_standards::item(reference).map(|item| item.text.as_str());
        let paraphrase =
            paraphrase.or_else(|| bartizan_standards::task(reference).map(|task| task.text.as_str()));
        let _ = writeln!(text, "- {reference}{part}: {}", paraphrase.unwrap_or(""));
        for texts in official.iter().filter(|texts| texts.edition == reference.edition) {
            if let Some(wording) = texts.texts.get(&reference.id) {
                let _ = writeln!(text, "  > {}", bartizan_artifact::escape(wording, 2_000));
            }
        }
    }
    text.push_str("\n## Speaks of the same\n\n");
    for reference in &control.see {
        let _ = writeln!(text, "- {}", super::standards::titled(reference));
    }
    text
}

fn age(hours: u32) -> String {
    match hours {
        0..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}
