//! Who is who among signers.

use std::collections::BTreeMap;

use crate::Stated;

/// Which signers are one person: those of one name, however it is spelled, and those of one key.
pub(crate) struct People {
    nodes: BTreeMap<Node, usize>,
    /// For each node, another one of the same person, or itself.
    towards: Vec<usize>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Name(String),
    Key(String),
}

impl People {
    pub(crate) fn of(stated: &[&Stated]) -> Self {
        let mut people = Self { nodes: BTreeMap::new(), towards: Vec::new() };
        for one in stated {
            let (name, key) =
                (people.node(Node::Name(folded(&one.signer))), people.node(Node::Key(one.key.clone())));
            let (name, key) = (people.find(name), people.find(key));
            people.towards[name.max(key)] = name.min(key);
        }
        people
    }

    /// The number of the person who signed, the same for whoever is the same.
    pub(crate) fn signer(&self, stated: &Stated) -> Option<usize> {
        self.named(&stated.signer)
    }

    /// The number of the person with this name; `None` where nobody of that name signed anything.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.nodes.get(&Node::Name(folded(name))).map(|node| self.find(*node))
    }

    fn node(&mut self, node: Node) -> usize {
        let next = self.towards.len();
        let number = *self.nodes.entry(node).or_insert(next);
        if number == next {
            self.towards.push(next);
        }
        number
    }

    /// Follows the way to the node that stands for the person. Every step leads to a smaller number.
    fn find(&self, mut node: usize) -> usize {
        while self.towards[node] != node {
            node = self.towards[node];
        }
        node
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
