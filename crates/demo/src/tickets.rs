//! The tickets: support language from a small grammar. `{product}`, `{order}`, `{days}`, `{name}` and `{city}` are
//! filled in; everything else is picked, so that 5,000 tickets read as if 5,000 people had written them.

mod words;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use words::{CHANNELS, CITIES, CLOSINGS, FAMILY, GIVEN, GREETINGS, PRODUCTS, TOPICS, Topic};

use crate::random::Random;

/// How many there are.
pub(crate) const COUNT: usize = 5_000;

/// How many conversations the assistant's log holds.
const CONVERSATIONS: usize = 120;

/// The first is written on this day.
const FIRST: &str = "2026-01-05T07:30:00Z";

/// A ticket before it is written down, so that something can be put into it.
pub(crate) struct Ticket {
    pub(crate) id: usize,
    pub(crate) body: String,
    created: Timestamp,
    closed: Timestamp,
    channel: &'static str,
    subject: String,
    name: String,
    email: String,
    order: String,
    topic: &'static str,
    answer: String,
    action: &'static str,
}

/// All tickets of a seed, oldest first.
pub(crate) fn tickets(random: &mut Random) -> Vec<Ticket> {
    let mut at: Timestamp = FIRST.parse().expect("the first day is a time");
    let mut tickets = Vec::with_capacity(COUNT);
    for id in 1..=COUNT {
        at += SignedDuration::from_secs(20 + random.below(4_000).cast_signed());
        tickets.push(ticket(id, at, random));
    }
    tickets
}

/// The file: one JSON object per line.
pub(crate) fn write(tickets: &[Ticket]) -> Vec<u8> {
    let mut file = Vec::new();
    for ticket in tickets {
        let line = json!({
            "id": format!("T-{:05}", ticket.id),
            "created_at": ticket.created,
            "channel": ticket.channel,
            "topic": ticket.topic,
            "subject": ticket.subject,
            "body": ticket.body,
            "customer": {
                "id": format!("C-{:05}", ticket.id * 7 % 3_001),
                "name": ticket.name,
                "email": ticket.email,
            },
            "order": ticket.order,
            "resolution": { "action": ticket.action, "answer": ticket.answer, "closed_at": ticket.closed },
        });
        file.extend_from_slice(line.to_string().as_bytes());
        file.push(b'\n');
    }
    file
}

/// What the assistant's log holds of some conversations: one JSON object per turn.
pub(crate) fn conversations(tickets: &[Ticket]) -> Vec<u8> {
    let mut file = Vec::new();
    for ticket in tickets.iter().take(CONVERSATIONS) {
        let turns = [("user", ticket.created, &ticket.body), ("assistant", ticket.closed, &ticket.answer)];
        for (role, at, content) in turns {
            let line = json!({"conversation": format!("K-{:05}", ticket.id), "at": at, "role": role, "content": content});
            file.extend_from_slice(line.to_string().as_bytes());
            file.push(b'\n');
        }
    }
    file
}

fn ticket(id: usize, created: Timestamp, random: &mut Random) -> Ticket {
    let topic: &Topic = &TOPICS[random.index(TOPICS.len())];
    let given = random.pick(GIVEN);
    let family = random.pick(FAMILY);
    let slots = Slots {
        product: random.pick(PRODUCTS),
        city: random.pick(CITIES),
        days: 2 + random.below(12),
        order: format!("HD-{}-{}", random.pick(&["A", "B", "C", "D"]), random.digits(5)),
        name: given,
    };
    let mut body = Vec::new();
    if random.chance(70) {
        body.push(random.pick(GREETINGS));
    }
    body.push(random.pick(topic.problems));
    if random.chance(75) {
        body.push(random.pick(topic.details));
    }
    body.push(random.pick(topic.wishes));
    if random.chance(80) {
        body.push(random.pick(CLOSINGS));
    }
    let domain = random.pick(&["example.com", "example.org", "example.net"]);
    let separator = random.pick(&[".", "_", "-", ""]);
    let number = if random.chance(40) { random.below(90).to_string() } else { String::new() };
    let email = format!("{}{separator}{}{number}@{domain}", plain(given), plain(family));
    Ticket {
        id,
        created,
        closed: created + SignedDuration::from_mins(15 + random.below(4_000).cast_signed()),
        channel: random.pick(CHANNELS),
        subject: slots.fill(random.pick(topic.subjects)),
        body: slots.fill(&body.join(" ")),
        name: format!("{given} {family}"),
        email,
        topic: topic.name,
        answer: slots.fill(random.pick(topic.answers)),
        action: random.pick(topic.actions),
        order: slots.order,
    }
}

/// What a sentence leaves open.
struct Slots {
    product: &'static str,
    city: &'static str,
    days: u64,
    order: String,
    name: &'static str,
}

impl Slots {
    fn fill(&self, sentence: &str) -> String {
        sentence
            .replace("{product}", self.product)
            .replace("{city}", self.city)
            .replace("{days}", &self.days.to_string())
            .replace("{order}", &self.order)
            .replace("{name}", self.name)
    }
}

/// A name as it stands in an address.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect()
}
