//! Pickles inside strings of pickles, as they are, encoded, compressed, or several of these.

use super::{Pickle, base64, hex, system};
use crate::{
    Sample,
    compressed::{gzip, zlib},
};

/// The files.
pub fn samples() -> Vec<Sample> {
    let evil = system().stop();
    let old = Pickle::old().global("posix", "system").raw(b"(S'true'\ntR").stop();
    let long =
        Pickle::proto(4).text(&"x".repeat(600)).raw(b"0").global("posix", "system").call("true").stop();
    let wrapped = |text: &str| base64(text.as_bytes());
    let lines: String =
        base64(&long).as_bytes().chunks(76).flat_map(|line| [line, b"\n"].concat()).map(char::from).collect();
    let texts = [
        ("base64", base64(&evil)),
        ("base64 without padding", base64(&evil).trim_end_matches('=').to_owned()),
        ("base64 of the other alphabet", base64(&evil).replace('+', "-").replace('/', "_")),
        ("base64 in lines", lines),
        ("base64 of a long one", base64(&long)),
        ("base64 of protocol 0", base64(&old)),
        ("hexadecimal digits", hex(&evil)),
        ("hexadecimal digits in capitals", hex(&evil).to_uppercase()),
        ("protocol 0 as text", String::from_utf8(old.clone()).unwrap()),
        ("base64 twice", wrapped(&base64(&evil))),
        ("base64 of digits", wrapped(&hex(&evil))),
        ("digits of base64", hex(base64(&evil).as_bytes())),
        ("base64 three times", wrapped(&wrapped(&base64(&evil)))),
        ("base64 of zlib", base64(&zlib(&evil))),
        ("base64 of gzip", base64(&gzip(&evil))),
        ("digits of zlib", hex(&zlib(&evil))),
        ("base64 of gzip of zlib", base64(&gzip(&zlib(&evil)))),
        ("base64 of gzip of base64", base64(&gzip(base64(&evil).as_bytes()))),
    ];
    let blobs = [
        ("bytes", evil.clone()),
        ("zlib", zlib(&evil)),
        ("gzip", gzip(&evil)),
        ("gzip of zlib", gzip(&zlib(&evil))),
        ("protocol 0 as bytes", old),
        ("base64 as bytes", base64(&evil).into_bytes()),
        ("digits as bytes", hex(&evil).into_bytes()),
        ("pickle in a pickle", Pickle::proto(3).bytes(&evil).stop()),
    ];
    let hostile =
        |what: String, bytes| Sample::hostile("nested", what, "model.pkl", bytes, &["PKL001", "PKL009"]);
    let mut samples = Vec::new();
    for (what, text) in &texts {
        samples.push(hostile(format!("{what} in a text"), Pickle::proto(4).text(text).stop()));
        samples.push(hostile(
            format!("{what} in a dictionary"),
            Pickle::proto(2).raw(b"}").text("state").text(text).raw(b"s").stop(),
        ));
        if text.is_ascii() && !text.contains(['\n', '\'']) {
            samples.push(hostile(
                format!("{what} in a string of protocol 0"),
                Pickle::old().raw(format!("(lp0\nS'{text}'\np1\na").as_bytes()).stop(),
            ));
        }
    }
    for (what, blob) in &blobs {
        samples.push(hostile(format!("{what} in bytes"), Pickle::proto(3).bytes(blob).stop()));
        let length = (blob.len() as u64).to_le_bytes();
        samples.push(hostile(
            format!("{what} in a byte array"),
            Pickle::proto(5).raw(b"\x96").raw(&length).raw(blob).stop(),
        ));
    }
    let benign = |what: &str, bytes| Sample::benign("nested", what, "data.pkl", bytes);
    samples.extend([
        benign(
            "pickle of a number in bytes",
            Pickle::proto(3).bytes(&Pickle::proto(4).raw(b"K\x01").stop()).stop(),
        ),
        benign("digest", Pickle::proto(4).text(&hex(&[0x5a; 32])).stop()),
        benign("picture in base64", Pickle::proto(4).text(&base64(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")).stop()),
        benign(
            "compressed text",
            Pickle::proto(4).bytes(&zlib(b"nothing but a text, which is long enough")).stop(),
        ),
        benign(
            "compressed text in base64",
            Pickle::proto(4).text(&base64(&gzip(b"nothing but a text"))).stop(),
        ),
        benign("long words", Pickle::proto(4).text("internationalizationinternationalization").stop()),
        benign(
            "text of several lines",
            Pickle::proto(4).text("chapter one\nin which nothing happens\n(at all)\n").stop(),
        ),
    ]);
    samples
}
