//! The values that a chart of a known name gets.

use camino::Utf8Path;

use super::{Node, View};

/// Helm values in the order in which they apply.
#[derive(Debug)]
pub struct ChartValues<'a>(Vec<Node<'a>>);

impl<'a> View<'a> {
    /// What each release of a chart gets: by what installs it, or else by a folder of its name.
    pub fn values_of_chart(&self, chart: &str) -> Vec<ChartValues<'a>> {
        let releases = self.releases().iter().filter(|it| it.chart_name() == chart);
        let mut found: Vec<_> = releases.map(|release| ChartValues(release.values.clone())).collect();
        let all: Vec<_> = self.releases().iter().flat_map(|release| &release.values).map(Node::place).collect();
        for document in self.values_files() {
            let folders = document.path.parent().into_iter().flat_map(Utf8Path::components);
            if folders.into_iter().any(|folder| folder.as_str() == chart) && !all.contains(&document.root().place()) {
                found.push(ChartValues(vec![document.root()]));
            }
        }
        found
    }
}

impl<'a> ChartValues<'a> {
    /// What is set at a path of keys, with a point between them; the last one to set it wins.
    pub fn get(&self, path: &str) -> Option<Node<'a>> {
        let below = |root: &Node<'a>| path.split('.').try_fold(*root, |node, key| node.get(key));
        self.0.iter().rev().find_map(below)
    }
}
