//! Projects that no example has: one full of hostile text, one that is very large.

use std::fmt::Write as _;

use serde_json::json;

use crate::program::Place;

/// What a page that took data for markup would run or show: markup out of every place that a text can stand in, the
/// escapes of terminals, a right-to-left override, a character without width, a template's brackets.
pub(crate) const HOSTILE: &str = "\"'></title></textarea></svg></script><script>window.pwned=1</script>\
     <img src=x onerror=window.pwned=1><a href=\"javascript:window.pwned=1\">a</a>&lt;b&gt;\u{1b}[31m\u{202e}txt\u{200b}{{7*7}}";

/// The shortest of its kind, for places where few characters may stand.
const SHORT: &str = "\"'><svg/onload=window.pwned=1>\u{202e}cba";

/// [`HOSTILE`] and then one word without a place to break it, `size` bytes in all.
fn endless(size: usize) -> String {
    let mut text = HOSTILE.to_owned();
    text.push_str(&"W".repeat(size.saturating_sub(text.len())));
    text
}

/// An example project with keys and evidence, into which hostile text is put wherever text can stand: in every field
/// of the project file that takes any, in names of files, in rows and their columns, in what a model says of itself.
pub(crate) fn hostile() -> Place {
    let place = Place::with_demo("compromised");
    project_file(&place);
    rows(&place);
    model(&place);
    place
}

fn project_file(place: &Place) {
    let long = endless(3_900);
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut file = String::new();
    // The keys stay pinned, so that evidence counts; every text that somebody wrote becomes another.
    for line in place.read("project/bartizan.toml").lines() {
        let key = line.split(" = ").next().unwrap_or_default();
        let text = match key {
            "name" => format!("name = {}", quoted(SHORT)),
            "purpose" | "reason" | "description" => format!("{key} = {}", quoted(&long)),
            "role" => format!("{line}\ndescription = {}", quoted(&long)),
            _ => line.to_owned(),
        };
        // The project itself has a role and a purpose, and no description.
        let in_project = text.starts_with("role = \"system-producer\"");
        file.push_str(if in_project { line } else { &text });
        file.push('\n');
    }
    let longest = "x".repeat(64);
    write!(
        file,
        r#"
[group.{longest}]
role = "red-teamer"
members = ["{longest}@{}.example.com"]
description = {long}

[actor.{longest}]
kind = "outsider"
description = {long}

[zone.{longest}]
trust = "public"
description = {long}

[asset.{longest}]
kind = "dataset"
path = {path}
owner = "{longest}"
source = {{ url = "https://example.com/?q='onmouseover=window.pwned=1><script>{}", licence = "(A:/ /B)" }}
description = {long}

[asset.hostile-rows]
kind = "dataset"
path = "hostile/rows.jsonl"
owner = "{longest}"

[asset.hostile-model]
kind = "model"
path = "hostile/model/"

[asset.hostile-hosted]
kind = "model"
model = "example/{}"

[element.{longest}]
kind = "tool"
zone = "{longest}"
effects = ["write:{}"]
owner = "{longest}"
description = {long}

[[flow]]
from = "assistant-server"
to = "{longest}"
carries = ["tool-calls", "personal-data"]
description = {long}

[[treatment]]
threat = "THR001"
decision = "accept"
owner = "{longest}"
reason = {long}
expires = 2090-01-01

[[ignore]]
rule = "PII003"
path = {path}
reason = {long}
expires = 2090-01-01
"#,
        "d".repeat(63),
        "q".repeat(1_900),
        "m".repeat(180),
        "e".repeat(64),
        long = quoted(&long),
        path = quoted("hostile/names/"),
    )
    .unwrap();
    place.write("project/bartizan.toml", file);
}

fn rows(place: &Place) {
    // A file's name takes everything but a slash, up to 255 bytes.
    let name: String = HOSTILE.replace('/', "|").chars().take(200).collect();
    let personal = "Mail jane.roe@example.org or call +44 20 7946 0958; key AKIAIOSFODNN7EXAMPLK";
    let huge = endless(1 << 20);
    let row =
        json!({ "id": 1, HOSTILE: format!("{HOSTILE} {personal}"), "text": huge, huge.as_str(): personal });
    let hidden = json!({ "id": 2, "text": format!("{HOSTILE} \u{e0041}\u{e0042} {personal} {HOSTILE}") });
    place.write("project/hostile/rows.jsonl", format!("{row}\n{hidden}\n{{ \"broken\": {HOSTILE}\n"));
    place.write(&format!("project/hostile/names/{name}.jsonl"), format!("{hidden}\n"));
    place.write(&format!("project/hostile/names/{name}.txt"), format!("{personal}\n{HOSTILE}\n"));
    place
        .write(&format!("project/hostile/names/{}.csv", "W".repeat(240)), format!("{HOSTILE}\n{personal}\n"));
}

fn model(place: &Place) {
    let huge = endless(1 << 20);
    let header = json!({
        "__metadata__": { HOSTILE: huge, "format": HOSTILE },
        HOSTILE: { "dtype": "F32", "shape": [1], "data_offsets": [0, 4] },
        "not-there": { "dtype": HOSTILE, "shape": [1], "data_offsets": [4, 8] },
    })
    .to_string();
    let mut tensors = (header.len() as u64).to_le_bytes().to_vec();
    tensors.extend(header.into_bytes());
    tensors.extend([0; 8]);
    place.write("project/hostile/model/model.safetensors", tensors);
    let config = json!({
        "architectures": [HOSTILE], "auto_map": { "AutoModel": HOSTILE }, "model_type": HOSTILE,
        "chat_template": format!("{{{{ {HOSTILE}.__class__.__mro__ }}}}{huge}"),
    });
    place.write("project/hostile/model/config.json", config.to_string());
    place.write("project/hostile/model/tokenizer_config.json", config.to_string());
    // A pickle that names a function whose module is markup; the opcodes are those of Python's `pickletools`.
    let name = HOSTILE.replace('\n', " ");
    place.write("project/hostile/model/weights.pkl", format!("c{name}\n{name}\n(S'true'\ntR."));
    let gguf = {
        let text = |out: &mut Vec<u8>, text: &str| {
            out.extend((text.len() as u64).to_le_bytes());
            out.extend(text.as_bytes());
        };
        let pairs =
            [("general.name", HOSTILE), ("tokenizer.chat_template", huge.as_str()), (HOSTILE, HOSTILE)];
        let mut out = b"GGUF".to_vec();
        out.extend(3_u32.to_le_bytes());
        out.extend(0_u64.to_le_bytes());
        out.extend((pairs.len() as u64).to_le_bytes());
        for (key, value) in pairs {
            text(&mut out, key);
            out.extend(8_u32.to_le_bytes());
            text(&mut out, value);
        }
        out
    };
    place.write("project/hostile/model/model.gguf", gguf);
}

/// A project of that many elements in forty zones, each with a flow to the next and to one further on.
pub(crate) fn large(elements: usize) -> Place {
    let place = Place::new();
    let mut file = String::from(
        "format = 1\n[project]\nname = \"large\"\nrole = \"system-producer\"\nbaselines = [\"ssdf-218a\"]\n\
         [group.platform]\nrole = \"platform-engineer\"\nmembers = [\"ana@example.com\"]\n\
         [asset.notes]\nkind = \"dataset\"\npath = \"notes.txt\"\nowner = \"platform\"\n",
    );
    for zone in 0..40 {
        let trust = ["public", "partner", "internal", "restricted"][zone % 4];
        writeln!(file, "[zone.zone-{zone}]\ntrust = \"{trust}\"").unwrap();
    }
    let kinds =
        ["user", "gateway", "model-server", "tool", "retriever", "vector-store", "agent", "data-pipeline"];
    for at in 0..elements {
        let kind = kinds[at % kinds.len()];
        writeln!(
            file,
            "[element.e{at}]\nkind = \"{kind}\"\nzone = \"zone-{}\"\nowner = \"platform\"",
            at % 40
        )
        .unwrap();
    }
    for at in 0..elements {
        for to in [(at + 1) % elements, (at * 7 + 3) % elements] {
            if to != at {
                writeln!(file, "[[flow]]\nfrom = \"e{at}\"\nto = \"e{to}\"\ncarries = [\"user-prompts\"]")
                    .unwrap();
            }
        }
    }
    place.write("project/bartizan.toml", file);
    place.write("project/notes.txt", "Nothing in here.\n");
    place
}

/// A project whose check takes a while: `megabytes` of rows to read.
pub(crate) fn slow(megabytes: usize) -> Place {
    let place = Place::with_demo("helpdesk");
    let row =
        json!({ "id": "T-1", "text": "The parcel arrived two days late and the box was open. ".repeat(18) });
    let row = format!("{row}\n");
    let count = megabytes * 1_000_000 / row.len();
    place.write("project/data/archive.jsonl", row.repeat(count));
    let mut file = place.read("project/bartizan.toml");
    file.push_str("\n[asset.archive]\nkind = \"dataset\"\npath = \"data/archive.jsonl\"\nowner = \"data\"\n");
    place.write("project/bartizan.toml", file);
    place
}
