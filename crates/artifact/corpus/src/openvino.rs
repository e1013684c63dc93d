//! Writes `OpenVINO` graphs.

use crate::{Sample, compressed::gzip};

const FAMILY: &str = "openvino";

/// A graph of two layers, the second of which is a constant.
pub fn graph(front: &str, layer: &str, constant: &str, inner: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0"?>{front}
<net name="m" version="11">
  <layers>
    <layer id="0" name="x" {layer}><data shape="1,4" element_type="f32"/>
      <output><port id="0" precision="FP32" names="x"><dim>1</dim><dim>4</dim></port></output></layer>
    <layer id="1" name="w" type="Const" version="opset1"><data {constant}/>
      <output><port id="0" precision="FP32"><dim>4</dim><dim>3</dim></port></output></layer>
    {inner}
  </layers>
  <edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges>
  <rt_info><Runtime_version value="2026.4.1"/></rt_info>
</net>
"#
    )
    .into_bytes()
}

const INPUT: &str = r#"type="Parameter" version="opset1""#;
const WEIGHTS: &str = r#"element_type="f32" shape="4, 3" offset="0" size="48""#;

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.xml", bytes, codes);
    let constant = |constant: &str| graph("", INPUT, constant, "");
    let huge = r#"element_type="f32" shape="4, 3" offset="18446744073709551615" size="48""#;
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 60].to_vec();
    let mut samples = vec![
        hostile("offset beyond all files", constant(huge), &["OVN002"]),
        hostile(
            "size beyond all files",
            constant(r#"element_type="u8" shape="1" offset="64" size="9223372036854775807""#),
            &["OVN002"],
        ),
        hostile(
            "offset that is negative",
            constant(r#"element_type="f32" shape="4, 3" offset="-48" size="48""#),
            &["OVN002"],
        ),
        hostile(
            "size that is no number",
            constant(r#"element_type="f32" shape="4, 3" offset="0" size="0x30""#),
            &["OVN002"],
        ),
        hostile(
            "size that is too small",
            constant(r#"element_type="f32" shape="4, 3" offset="0" size="4""#),
            &["OVN002"],
        ),
        hostile(
            "size that is too large",
            constant(r#"element_type="f32" shape="1" offset="0" size="4096""#),
            &["OVN002"],
        ),
        hostile(
            "shape that cannot be counted",
            constant(r#"element_type="f32" shape="4294967296, 4294967296, 2" offset="0" size="48""#),
            &["OVN002"],
        ),
        hostile(
            "shape that is negative",
            constant(r#"element_type="f32" shape="-4, 3" offset="0" size="48""#),
            &["OVN002"],
        ),
        hostile("no place", constant(r#"element_type="f32" shape="4, 3""#), &["OVN002"]),
        hostile(
            "layer of a library, and a constant",
            graph("", r#"type="Decode" version="extension""#, huge, ""),
            &["OVN001", "OVN002"],
        ),
        hostile(
            "layer without a set, and a constant",
            graph("", r#"type="Decode""#, huge, ""),
            &["OVN001", "OVN002"],
        ),
        hostile(
            "edge that leads nowhere",
            graph("", INPUT, WEIGHTS, "<edge from-layer=\"-1\" to-layer=\"0\"/>"),
            &["OVN002"],
        ),
        hostile(
            "entity from a file",
            graph("<!DOCTYPE net [<!ENTITY a SYSTEM \"file:///etc/hosts\">]>", INPUT, WEIGHTS, ""),
            &["XML002"],
        ),
        hostile(
            "entities in entities",
            graph("<!DOCTYPE net [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>", INPUT, WEIGHTS, "<x>&b;</x>"),
            &["XML002"],
        ),
        hostile(
            "inclusion",
            graph("", INPUT, WEIGHTS, "<xi:include href=\"file:///etc/hosts\"/>"),
            &["XML004"],
        ),
        hostile("instruction", graph("<?php 1 ?>", INPUT, WEIGHTS, ""), &["XML003"]),
        hostile(
            "code in a layer",
            graph(
                "",
                INPUT,
                WEIGHTS,
                "<layer id=\"2\" type=\"Relu\" version=\"opset1\"><data code=\"import os; os.system('true')\"/></layer>",
            ),
            &["XML005"],
        ),
        hostile("cut off behind a constant", cut(constant(huge)), &["OVN002", "XML001"]),
        hostile(
            "constant in a loop",
            graph(
                "",
                INPUT,
                WEIGHTS,
                &format!(
                    "<layer id=\"2\" type=\"Loop\" version=\"opset5\"><body><layers><layer id=\"0\" type=\"Const\" version=\"opset1\"><data {huge}/></layer></layers></body></layer>"
                ),
            ),
            &["OVN002"],
        ),
    ];
    samples.push(Sample::hostile(FAMILY, "compressed", "model.xml.gz", gzip(&constant(huge)), &["OVN002"]));
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.xml", bytes);
    samples.extend([
        benign("graph", graph("", INPUT, WEIGHTS, "")),
        benign("half precision", constant(r#"element_type="f16" shape="4, 3" offset="0" size="24""#)),
        benign("four bits", constant(r#"element_type="u4" shape="3" offset="8" size="2""#)),
        benign("one number", constant(r#"element_type="i64" shape="" offset="0" size="8""#)),
        benign("no numbers", constant(r#"element_type="i64" shape="0" offset="0" size="0""#)),
        benign("texts", constant(r#"element_type="string" shape="2" offset="0" size="23""#)),
        benign(
            "loop",
            graph(
                "",
                INPUT,
                WEIGHTS,
                "<layer id=\"2\" type=\"Loop\" version=\"opset5\"><body><layers/></body></layer>",
            ),
        ),
    ]);
    samples
}
