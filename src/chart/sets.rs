//! Values as `helm --set` takes them: `image.tag=1.2,hosts[0]=a,ports={80,443}`.

use std::iter::Peekable;
use std::sync::Arc;
use std::vec::IntoIter;

use super::value::{Data, Map, Value};

/// Helm's own bounds.
const MOST_INDEX: usize = 1_024;
const DEEPEST: usize = 30;

/// What a value is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// `true`, `null` and integers are no texts.
    Typed,
    /// As `--set-string` does.
    Text,
    /// The whole value is the text, commas and all: the content of a file.
    Whole,
}

/// Sets what a text says in a map.
pub fn set(text: &str, taken: Taken, into: &Map) -> Result<(), String> {
    let mut left = Reader { left: text.chars().collect::<Vec<_>>().into_iter().peekable(), taken };
    while left.key(into, 0)? == Flow::More {}
    Ok(())
}

/// Sets one value at a path as `--set-file` does.
pub fn set_whole(path: &str, content: &str, into: &Map) -> Result<(), String> {
    let chars: Vec<char> = format!("{path}=").chars().chain(content.chars()).collect();
    let mut left = Reader { left: chars.into_iter().peekable(), taken: Taken::Whole };
    left.key(into, 0).map(drop)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    More,
    End,
}

struct Reader {
    left: Peekable<IntoIter<char>>,
    taken: Taken,
}

impl Reader {
    /// Letters up to one of some, which is gone; nothing at the end of the text. A backslash quotes.
    fn until(&mut self, stop: &str) -> (String, Option<char>) {
        let mut found = String::new();
        while let Some(letter) = self.left.next() {
            match letter {
                _ if stop.contains(letter) => return (found, Some(letter)),
                '\\' => match self.left.next() {
                    Some(quoted) => found.push(quoted),
                    None => break,
                },
                _ => found.push(letter),
            }
        }
        (found, None)
    }

    fn key(&mut self, into: &Map, depth: usize) -> Result<Flow, String> {
        let (key, end) = self.until("=[,.");
        match end {
            None if key.is_empty() => Ok(Flow::End),
            Some('[') => {
                let index = self.index()?;
                let list = match into.get(&key).map(|value| value.data) {
                    None => Vec::new(),
                    Some(Data::List(list)) => list.items().to_vec(),
                    Some(_) => return Err(format!("`{key}` is no list")),
                };
                let (list, flow) = self.item(list, index, depth)?;
                put(into, key, Value::list(list));
                Ok(flow)
            }
            Some('=') => {
                let (value, flow) = self.value()?;
                put(into, key, value);
                Ok(flow)
            }
            Some('.') => {
                if depth + 1 > DEEPEST {
                    return Err("there are more keys below each other than Helm takes".to_owned());
                }
                let below = match into.get(&key).map(|value| value.data) {
                    None => Map::empty(),
                    Some(Data::Map(map)) => map,
                    Some(_) => return Err(format!("`{key}` is no map")),
                };
                let flow = self.key(&below, depth + 1)?;
                if below.is_empty() {
                    return if flow == Flow::More { Err(format!("`{key}` has no value")) } else { Ok(flow) };
                }
                put(into, key, below.into());
                Ok(flow)
            }
            None | Some(_) => Err(format!("`{key}` has no value")),
        }
    }

    fn index(&mut self) -> Result<usize, String> {
        let (text, _) = self.until("]");
        let index = text.parse().ok().filter(|index| *index <= MOST_INDEX);
        index.ok_or_else(|| format!("`{text}` is no index of a list"))
    }

    fn item(&mut self, list: Vec<Value>, index: usize, depth: usize) -> Result<(Vec<Value>, Flow), String> {
        let (between, end) = self.until("[.=");
        if !between.is_empty() {
            return Err(format!("`{between}` stands behind an index"));
        }
        let standing = list.get(index).cloned();
        match end {
            None => Ok((list, Flow::End)),
            Some('=') => {
                let (value, flow) = self.value()?;
                Ok((with_item(list, index, value), flow))
            }
            Some('[') => {
                let inner = self.index()?;
                let below = match standing.map(|value| value.data) {
                    None | Some(Data::Nil | Data::Absent) => Vec::new(),
                    Some(Data::List(list)) => list.items().to_vec(),
                    Some(_) => return Err("an item is no list".to_owned()),
                };
                if depth + 1 > DEEPEST {
                    return Err("there are more lists within each other than Helm takes".to_owned());
                }
                let (below, flow) = self.item(below, inner, depth + 1)?;
                Ok((with_item(list, index, Value::list(below)), flow))
            }
            Some(_) => {
                let below = match standing.map(|value| value.data) {
                    Some(Data::Map(map)) => map,
                    _ => Map::empty(),
                };
                if depth + 1 > DEEPEST {
                    return Err("there are more keys below each other than Helm takes".to_owned());
                }
                let flow = self.key(&below, depth + 1)?;
                Ok((with_item(list, index, below.into()), flow))
            }
        }
    }

    fn value(&mut self) -> Result<(Value, Flow), String> {
        if self.taken == Taken::Whole {
            let text: String = self.left.by_ref().collect();
            return Ok((Value::text(text), Flow::End));
        }
        match self.left.peek() {
            None => Ok((Value::text(""), Flow::End)),
            Some('{') => {
                self.left.next();
                let mut items = Vec::new();
                loop {
                    let (text, end) = self.until(",}");
                    match end {
                        None => return Err("a list lacks its `}`".to_owned()),
                        Some(',') => items.push(self.typed(text)),
                        Some(_) => {
                            items.push(self.typed(text));
                            self.left.next_if_eq(&',');
                            return Ok((Value::list(items), Flow::More));
                        }
                    }
                }
            }
            Some(_) => {
                let (text, _) = self.until(",");
                Ok((self.typed(text), Flow::More))
            }
        }
    }

    fn typed(&self, text: String) -> Value {
        if self.taken == Taken::Text {
            return Value::text(text);
        }
        if text.eq_ignore_ascii_case("true") {
            return true.into();
        }
        if text.eq_ignore_ascii_case("false") {
            return false.into();
        }
        if text.eq_ignore_ascii_case("null") {
            return Value::NIL;
        }
        let is_number = text == "0" || !text.starts_with('0');
        match text.parse::<i64>() {
            Ok(number) if is_number => Value::int64(number),
            _ => Value::text(text),
        }
    }
}

fn put(into: &Map, key: String, value: Value) {
    if !key.is_empty() {
        into.set(Arc::from(key), value);
    }
}

fn with_item(mut list: Vec<Value>, index: usize, value: Value) -> Vec<Value> {
    while list.len() <= index {
        list.push(Value::NIL);
    }
    list[index] = value;
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value) -> String {
        match &value.data {
            Data::Absent | Data::Nil => "nil".to_owned(),
            Data::Bool(it) => it.to_string(),
            Data::Int(number, _) => number.to_string(),
            Data::Text(text) => format!("{:?}", text.str()),
            Data::List(list) => format!("[{}]", list.items().iter().map(shown).collect::<Vec<_>>().join(" ")),
            Data::Map(map) => all(map),
            other => format!("{other:?}"),
        }
    }

    fn all(map: &Map) -> String {
        let entry = |(key, value): &(Arc<str>, Value)| format!("{key}:{}", shown(value));
        format!("{{{}}}", map.entries().iter().map(entry).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn texts_are_taken_as_helm_takes_them() {
        for (text, expected) in [
            ("a=1,b=x", r#"{a:1 b:"x"}"#),
            ("a.b.c=true,a.b.d=null", "{a:{b:{c:true d:nil}}}"),
            ("a=0,b=007,c=-5,d=1.5", r#"{a:0 b:"007" c:-5 d:"1.5"}"#),
            ("a[1]=x", r#"{a:[nil "x"]}"#),
            ("a[0].b=1,a[0].c=2", "{a:[{b:1 c:2}]}"),
            ("a[0][1]=x", r#"{a:[[nil "x"]]}"#),
            ("a={1,x,true},b=2", r#"{a:[1 "x" true] b:2}"#),
            (r"a=x\,y,b\.c=1", r#"{a:"x,y" b.c:1}"#),
            ("a=", r#"{a:""}"#),
            ("a=b=c", r#"{a:"b=c"}"#),
            ("a=TRUE", "{a:true}"),
        ] {
            let map = Map::empty();
            set(text, Taken::Typed, &map).unwrap();
            assert_eq!(all(&map), expected, "{text}");
        }
        let map = Map::empty();
        set("a=1,b=true", Taken::Text, &map).unwrap();
        set_whole("c.d", "x,y={z}\n", &map).unwrap();
        assert_eq!(all(&map), r#"{a:"1" b:"true" c:{d:"x,y={z}\n"}}"#);
    }

    #[test]
    fn what_helm_refuses_is_refused() {
        for text in ["a", "a,b=1", "a[x]=1", "a[70000]=1", "a[0]b=1", "a={1,2", "a=1,a.b=2", "a=1,a[0]=2"] {
            assert!(set(text, Taken::Typed, &Map::empty()).is_err(), "{text}");
        }
        let deep = format!("{}x=1", "a.".repeat(40));
        assert!(set(&deep, Taken::Typed, &Map::empty()).is_err());
    }
}
