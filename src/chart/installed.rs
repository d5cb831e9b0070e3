//! A chart as one release installs it: which of the charts within are switched on, under which names, and what they give to
//! the values of the chart above.

use std::sync::Arc;

use super::failure::Failed;
use super::load::Chart;
use super::marks::Marks;
use super::metadata::{Dependency, Import};
use super::meter::Meter;
use super::value::{Data, Map, Value};
use super::values::{self, NoMap, over, table_at};
use super::version::satisfies;

#[derive(Clone, Debug)]
pub struct Installed<'c> {
    pub chart: &'c Chart,
    /// Its own, or what the chart above calls it.
    pub name: Arc<str>,
    /// Its own values, with those that charts within export.
    pub values: Map,
    /// Those that are switched on, by the names of their values.
    pub dependencies: Vec<Dependency>,
    pub below: Vec<Installed<'c>>,
}

impl<'c> Installed<'c> {
    /// A chart with all that lies in it.
    pub fn whole(chart: &'c Chart) -> Self {
        let values = chart.values.as_ref().map(|values| values::value(&values.tree, &mut |_| Marks::NONE));
        let values = values.as_ref().and_then(values::table).cloned().unwrap_or_else(Map::empty);
        Self {
            chart,
            name: Arc::clone(&chart.metadata.name),
            values,
            dependencies: chart.metadata.dependencies.clone(),
            below: chart.charts.iter().map(Self::whole).collect(),
        }
    }

    /// A chart as it is installed with some values.
    pub fn of(chart: &'c Chart, given: &Map) -> Result<Self, NoMap> {
        let mut installed = Self::whole(chart);
        installed.switch(given, "")?;
        installed.import()?;
        Ok(installed)
    }

    /// Leaves out what conditions and tags switch off, and gives the others their names. The values of a chart within
    /// are looked for where Helm looks: below all names that lead to it, and what the charts around it say beside.
    fn switch(&mut self, given: &Map, path: &str) -> Result<(), NoMap> {
        if self.dependencies.is_empty() {
            return Ok(());
        }
        let is_meant = |one: &Installed<'_>, dependency: &Dependency| {
            one.name == dependency.name && satisfies(&dependency.version, &one.chart.metadata.version) == Ok(true)
        };
        let is_listed = |one: &Installed<'_>| self.dependencies.iter().any(|dependency| is_meant(one, dependency));
        let mut below: Vec<Installed<'c>> = self.below.iter().filter(|one| !is_listed(one)).cloned().collect();
        for dependency in &mut self.dependencies {
            if let Some(one) = self.below.iter().find(|one| is_meant(one, dependency)) {
                below.push(Installed { name: Arc::clone(dependency.key()), ..one.clone() });
            }
            dependency.name = Arc::clone(dependency.key());
        }
        self.below = below;
        let values = values::coalesced(self, given)?;
        let off = |dependency: &Dependency| !is_on(dependency, &values, path);
        let off: Vec<Arc<str>> =
            self.dependencies.iter().filter(|it| off(it)).map(|dependency| Arc::clone(&dependency.name)).collect();
        self.below.retain(|one| !off.contains(&one.name));
        self.dependencies.retain(|dependency| !off.contains(&dependency.name));
        for one in &mut self.below {
            let path = format!("{path}{}.", one.name);
            one.switch(&values, &path)?;
        }
        Ok(())
    }

    /// Takes in what charts within give to this one's values. What it says itself wins.
    fn import(&mut self) -> Result<(), NoMap> {
        for one in &mut self.below {
            one.import()?;
        }
        if self.dependencies.is_empty() {
            return Ok(());
        }
        let all = values::merged(self, &Map::empty())?;
        let imported = Map::empty();
        for dependency in &self.dependencies {
            for import in &dependency.imports {
                let (child, parent) = match import {
                    Import::Exported(name) => (format!("exports.{name}"), "."),
                    Import::Mapped { child, parent } => (child.clone(), parent.as_str()),
                };
                if let Some(found) = table_at(&all, &format!("{}.{child}", dependency.name)) {
                    over(&imported, &at_path(parent, found), true);
                }
            }
        }
        let own = values::copied(&all);
        over(&own, &imported, true);
        self.values = own;
        Ok(())
    }

    /// It and all below it, from the outside in.
    pub fn each<'i>(&'i self, look: &mut dyn FnMut(&'i Installed<'c>)) {
        look(self);
        self.below.iter().for_each(|one| one.each(look));
    }
}

/// What installing one chart costs beside the bytes of its files: its values are laid over each other at each level.
const CHART_STEPS: u64 = 1000;
const CHART_BYTES: u64 = 16 << 10;

/// Charges for a chart with all that lies in it: a chart within counts once for each name that it is listed under.
pub(super) fn charge(chart: &Chart, meter: &Meter) -> Result<(), Failed> {
    let (charts, bytes) = copies(chart);
    meter.steps(charts.saturating_mul(CHART_STEPS).saturating_add(bytes / 64))?;
    meter.bytes(usize::try_from(charts.saturating_mul(CHART_BYTES).saturating_add(bytes)).unwrap_or(usize::MAX))
}

/// What an action of a template takes once it is read, and a byte of values.
const ACTION_BYTES: usize = 700;
const VALUE_BYTES: usize = 32;

/// How many actions a template may have.
fn actions(template: &[u8]) -> usize {
    template.windows(2).filter(|two| two == b"{{").count()
}

/// How many charts it comes to, and the bytes of what is read of them.
fn copies(chart: &Chart) -> (u64, u64) {
    let texts = chart.templates.iter().map(|file| file.bytes.len() + actions(&file.bytes) * ACTION_BYTES);
    let values = chart.values.as_ref().map_or(0, |values| values.text.len() * VALUE_BYTES);
    let mut all = (1_u64, (texts.sum::<usize>() + values) as u64);
    for one in &chart.charts {
        let lists = chart.metadata.dependencies.iter().filter(|dependency| is_meant(one, dependency)).count();
        let (times, (charts, bytes)) = (lists.max(1) as u64, copies(one));
        all = (all.0.saturating_add(charts.saturating_mul(times)), all.1.saturating_add(bytes.saturating_mul(times)));
    }
    all
}

/// Whether a chart is the one that is listed.
fn is_meant(chart: &Chart, dependency: &Dependency) -> bool {
    chart.metadata.name == dependency.name && satisfies(&dependency.version, &chart.metadata.version) == Ok(true)
}

fn at_path(path: &str, map: Map) -> Map {
    if path == "." {
        return map;
    }
    path.rsplit('.').fold(map, |map, key| Map::new(super::value::MapKind::Any, [(Arc::from(key), Value::from(map))]))
}

/// What tags say, and then the first condition that is a boolean.
fn is_on(dependency: &Dependency, values: &Map, path: &str) -> bool {
    let mut is_on = true;
    if let Some(tags) = table_at(values, "tags") {
        let said: Vec<bool> = dependency.tags.iter().filter_map(|tag| truth(tags.get(tag))).collect();
        is_on = said.is_empty() || said.contains(&true);
    }
    let mut conditions = dependency.condition.trim().split(',').filter(|condition| !condition.is_empty());
    let said = conditions.find_map(|condition| truth(value_at(values, &format!("{path}{condition}"))));
    said.unwrap_or(is_on)
}

fn truth(value: Option<Value>) -> Option<bool> {
    match value?.data {
        Data::Bool(it) => Some(it),
        _ => None,
    }
}

fn value_at(values: &Map, path: &str) -> Option<Value> {
    match path.rsplit_once('.') {
        None => values.get(path),
        Some((above, key)) => table_at(values, above)?.get(key),
    }
}
