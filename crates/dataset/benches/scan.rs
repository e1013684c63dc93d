//! What scanning data costs beside hashing it: `cargo xtask bench scan`.
//!
//! The data lies in memory. One record in fifty holds an address and one in a thousand a key, so that what is found
//! is dealt with as well.

use std::{convert::Infallible, fmt::Write as _, hint::black_box, ops::ControlFlow};

use bartizan_dataset::{Limits, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::Digest;
use bartizan_measure::{Clock, Figure, Times, interleave, peak_memory};

const RECORDS: u64 = 150_000;
const RUNS: u32 = 7;
/// In halves, so that scanners of this repository do not take it for a key.
const KEY: &str = concat!("AKIA", "QWERTYUIOPASDFGH");

fn main() {
    let engine = Engine::new(Selection::all(), None);
    let text: String = (0..RECORDS).map(record).collect();
    let table = std::iter::once("id,channel,text,tags,answer\n".to_owned())
        .chain((0..RECORDS).map(row))
        .collect::<String>();
    let prose = text.replace(['{', '}', '"'], "");
    let mut copy = Vec::with_capacity(text.len());

    let mut copied = || {
        copy.clear();
        copy.extend_from_slice(black_box(text.as_bytes()));
        black_box(&copy);
        Ok(())
    };
    let mut hashed = || {
        black_box(Digest::of(text.as_bytes()));
        Ok(())
    };
    let mut lines = || {
        let (records, found) = found(&text, "tickets.jsonl", &engine);
        assert!(records == RECORDS && found >= RECORDS / 50, "{records} records, {found} found");
        Ok::<_, Infallible>(())
    };
    let mut cells = || {
        let (records, found) = found(&table, "tickets.csv", &engine);
        assert!(records == RECORDS && found >= RECORDS / 50, "{records} records, {found} found");
        Ok(())
    };
    let mut parsed = || {
        assert!(black_box(fields(table.as_bytes())) >= 5 * RECORDS);
        Ok(())
    };
    let mut plain = || {
        let (_, found) = found(&prose, "tickets.txt", &engine);
        assert!(found >= RECORDS / 50, "{found} found");
        Ok(())
    };
    let measured = interleave(
        Clock::Cpu,
        RUNS,
        [&mut copied, &mut hashed, &mut lines, &mut parsed, &mut cells, &mut plain],
    );
    let Ok([copied, hashed, lines, parsed, cells, plain]) = measured;

    let rate = |times: &Times, name: &str, bytes: usize| times.rate(name, bytes as f64 / 1e6, "MB/s");
    rate(&copied, "copy in memory", text.len()).print();
    rate(&hashed, "SHA-256", text.len()).print();
    rate(&lines, "scan JSON Lines", text.len()).ratio_to("SHA-256").print();
    rate(&parsed, "read CSV with csv-core", table.len()).ratio_to("SHA-256").print();
    rate(&cells, "scan CSV", table.len()).ratio_to("SHA-256").print();
    rate(&plain, "scan text", prose.len()).ratio_to("SHA-256").print();
    let own = peak_memory().saturating_sub((text.len() + table.len() + prose.len() + copy.len()) as u64);
    Figure::new("peak memory beside the data", own as f64 / 1e6, "MB", 1).print();
}

/// How many records were scanned, and how much was found in them.
fn found(text: &str, name: &str, engine: &Engine) -> (u64, u64) {
    let mut found = 0;
    let mut go_on = |_| ControlFlow::Continue(());
    let scan = scan(&text.as_bytes(), name, engine, &Limits::default(), &mut go_on, &mut |_| found += 1)
        .expect("memory can always be read");
    assert!(scan.digest.is_some() && scan.unexamined.is_empty(), "{:?}", scan.unexamined);
    (scan.records, found)
}

/// The number of fields, read as the reference reads them.
fn fields(mut input: &[u8]) -> u64 {
    let (mut reader, mut output, mut fields) = (csv_core::Reader::new(), [0; 4096], 0);
    loop {
        let (result, read, _) = reader.read_field(input, &mut output);
        input = input.get(read..).unwrap_or_default();
        match result {
            csv_core::ReadFieldResult::Field { .. } => fields += 1,
            csv_core::ReadFieldResult::End => return fields,
            _ => {}
        }
    }
}

/// A ticket as a support desk would export it.
fn record(number: u64) -> String {
    let text = ticket(number);
    format!(
        "{{\"id\": {number}, \"channel\": \"web\", \"text\": \"{text}\", \"tags\": [\"delivery\", \"refund\"], \"answer\": \"{ANSWER}\"}}\n"
    )
}

/// The same as a row of a table.
fn row(number: u64) -> String {
    let text = ticket(number);
    format!("{number},web,\"{text}\",delivery refund,{ANSWER}\n")
}

const ANSWER: &str = "We are sorry. A new cup is on its way and will be with you within four working days; you need \
    not send anything back.";

fn ticket(number: u64) -> String {
    let mut text = format!(
        "The parcel of order {number} arrived on Tuesday, but the box was open and one of the three cups was broken. "
    );
    text.push_str(
        "I would like a new cup, or the money for it back; what do I have to do, and how long will it take?",
    );
    if number.is_multiple_of(50) {
        let _ = write!(text, " Write to customer.{number}@shop.example.net.");
    }
    if number.is_multiple_of(1000) {
        let _ = write!(text, " It says {KEY} on the screen.");
    }
    text
}
