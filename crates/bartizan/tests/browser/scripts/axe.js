// The violations of the rules with the tags in `arguments[0]`. The one rule about the size of targets is off unless it
// is asked for.
const options = {
  runOnly: arguments[0],
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"],
};
const told = (node) => {
  const why = node.any.concat(node.all, node.none).map((one) => one.message);
  return `${node.target.join(" ")} (${why[0] ?? ""})`;
};
return axe.run(document, options).then((result) => result.violations.map((fault) =>
  `axe ${fault.id}, ${fault.nodes.length} times: ${fault.nodes.slice(0, 3).map(told).join("; ")}`));
