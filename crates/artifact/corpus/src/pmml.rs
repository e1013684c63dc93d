//! Writes PMML documents.

use crate::{Sample, compressed::gzip, pickle::system};

const FAMILY: &str = "pmml";

/// A document: what stands in front of its first element, and what lies in its model.
pub fn document(front: &str, inner: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>{front}
<PMML xmlns="http://www.dmg.org/PMML-4_4" xmlns:data="http://jpmml.org/jpmml-model/InlineTable" version="4.4">
  <Header description="churn"><Application name="SkLearn2PMML package" version="0.110.0"/><Timestamp>2026-01-01T00:00:00Z</Timestamp></Header>
  <DataDictionary numberOfFields="2">
    <DataField name="y" optype="continuous" dataType="double"/>
    <DataField name="x" optype="continuous" dataType="double"/>
  </DataDictionary>
  <RegressionModel functionName="regression">
    <MiningSchema><MiningField name="y" usageType="target"/><MiningField name="x"/></MiningSchema>
    {inner}
    <RegressionTable intercept="0.5"><NumericPredictor name="x" coefficient="1.5"/></RegressionTable>
  </RegressionModel>
</PMML>
"#
    )
    .into_bytes()
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.pmml", bytes, codes);
    let inner = |inner: &str| document("", inner);
    let base64 = crate::pickle::base64(&system().stop());
    let lol = "<!DOCTYPE PMML [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    let call =
        inner(r#"<LocalTransformations><Apply function="java.lang.Runtime.exec"/></LocalTransformations>"#);
    let cut = call[..call.len() - 40].to_vec();
    let mut samples = vec![
        hostile(
            "entity from a file",
            document(
                "<!DOCTYPE PMML [<!ENTITY a SYSTEM \"file:///etc/hosts\">]>",
                "<Extension>&a;</Extension>",
            ),
            &["XML002"],
        ),
        hostile(
            "entity from an address",
            document("<!DOCTYPE PMML [<!ENTITY a SYSTEM \"https://example.invalid/a\">]>", ""),
            &["XML002"],
        ),
        hostile(
            "entities of parameters",
            document("<!DOCTYPE PMML [<!ENTITY % a SYSTEM \"https://example.invalid/a.dtd\"> %a;]>", ""),
            &["XML002"],
        ),
        hostile(
            "type in another document",
            document("<!DOCTYPE PMML SYSTEM \"https://example.invalid/a.dtd\">", ""),
            &["XML002"],
        ),
        hostile(
            "public type",
            document("<!DOCTYPE PMML PUBLIC \"-//X//Y\" \"https://example.invalid/a.dtd\">", ""),
            &["XML002"],
        ),
        hostile("entities in entities", document(lol, "<Extension>&b;</Extension>"), &["XML002"]),
        hostile("entity in an attribute", document(lol, "<Extension value=\"&b;\"/>"), &["XML001", "XML002"]),
        hostile("entity that nobody declares", inner("<Extension>&payload;</Extension>"), &["XML002"]),
        hostile(
            "style sheet",
            document("<?xml-stylesheet type=\"text/xsl\" href=\"https://example.invalid/a.xsl\"?>", ""),
            &["XML003"],
        ),
        hostile("instruction in the model", inner("<?php system('true'); ?>"), &["XML003"]),
        hostile(
            "inclusion",
            inner(
                r#"<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hosts" parse="text"/>"#,
            ),
            &["XML004"],
        ),
        hostile("script", inner("<script>1</script>"), &["XML004"]),
        hostile(
            "script of a name space",
            inner("<svg:script xmlns:svg=\"http://www.w3.org/2000/svg\">1</svg:script>"),
            &["XML004"],
        ),
        hostile(
            "import of a style sheet",
            inner("<xsl:import href=\"https://example.invalid/a\"/>"),
            &["XML004"],
        ),
        hostile("link", inner("<Extension xlink:href=\"https://example.invalid/a\"/>"), &["XML004"]),
        hostile(
            "code in an extension",
            inner("<Extension name=\"hook\" value=\"__import__('os').system('true')\"/>"),
            &["XML005"],
        ),
        hostile("command in an extension", inner("<Extension>bash -c true</Extension>"), &["XML005"]),
        hostile("code as characters", inner("<Extension><![CDATA[exec('pass')]]></Extension>"), &["XML005"]),
        hostile(
            "code in references to characters",
            inner("<Extension value=\"&#101;xec('pass')\"/>"),
            &["XML005"],
        ),
        hostile("code in a comment", inner("<!-- import os; os.system('true') -->"), &["XML005"]),
        hostile("pickle in an extension", inner(&format!("<Extension value=\"{base64}\"/>")), &["XML005"]),
        hostile("pickle in a text", inner(&format!("<Extension>{base64}</Extension>")), &["XML005"]),
        hostile("function of Java", call, &["PMM001"]),
        hostile(
            "function of a package",
            inner("<Apply function=\"com.example.tools.Launch\"/>"),
            &["PMM001"],
        ),
        hostile(
            "function in a prefix",
            inner("<p:Apply xmlns:p=\"x\" function=\"com.example.Launch\"/>"),
            &["PMM001"],
        ),
        hostile(
            "table elsewhere",
            inner("<TableLocator><Extension name=\"url\" value=\"jdbc:x\"/></TableLocator>"),
            &["PMM002"],
        ),
        hostile("cut off behind a function", cut, &["PMM001", "XML001"]),
        hostile(
            "tags that do not match, behind a function",
            inner("<Apply function=\"com.example.Launch\"></Extension>"),
            &["PMM001", "XML001"],
        ),
        hostile(
            "attribute twice, behind a function",
            inner("<Apply function=\"com.example.Launch\" a=\"1\" a=\"2\"/>"),
            &["PMM001", "XML001"],
        ),
    ];
    samples.push(Sample::hostile(
        FAMILY,
        "compressed",
        "model.pmml.gz",
        gzip(&document(lol, "")),
        &["XML002"],
    ));
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.pmml", bytes);
    let defined = "<LocalTransformations><DefineFunction name=\"my.scale\" optype=\"continuous\"><ParameterField name=\"v\"/>\
                   <Apply function=\"*\"><FieldRef field=\"v\"/><Constant>2</Constant></Apply></DefineFunction>\
                   <DerivedField name=\"d\"><Apply function=\"my.scale\"><FieldRef field=\"x\"/></Apply></DerivedField></LocalTransformations>";
    samples.extend([
        benign("regression", inner("")),
        benign("functions", inner("<LocalTransformations><Apply function=\"if\"><Apply function=\"isMissing\"/></Apply></LocalTransformations>")),
        benign("its own function", inner(defined)),
        benign("extensions", inner("<Extension name=\"sklearn.version\" value=\"1.4.2\"/><Extension extender=\"x\">note</Extension>")),
        benign("table", inner("<InlineTable><row><data:input>a &amp; b</data:input><data:output>&#49;</data:output></row></InlineTable>")),
        benign("schema", inner("<Extension xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://www.dmg.org/PMML-4_4 pmml.xsd\"/>")),
        benign("comment in front", document("<!-- churn, version 3 -->", "")),
        benign("compressed", gzip(&inner(""))),
    ]);
    for sample in samples.iter_mut().filter(|sample| sample.bytes.starts_with(&[0x1f, 0x8b])) {
        "model.pmml.gz".clone_into(&mut sample.path);
    }
    samples
}
