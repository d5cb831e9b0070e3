//! Expressions and what they give, library by library.

use super::eval::Machine;
use super::functions::text::plain;
use super::value::Value;
use super::{convert, parser};

/// Evaluates with `self` from JSON: the value as `%s` writes it, or the error.
fn eval_on(json: &serde_json::Value, text: &str) -> String {
    let this = convert::untyped(json);
    match parser::parse(text) {
        Ok(expr) => match Machine::default().run(&expr, &this) {
            Ok(Value::String(text)) => format!("{text:?}"),
            Ok(value) => plain(&value),
            Err(problem) => format!("error at {}..{}: {}", problem.start, problem.end, problem.message),
        },
        Err(problem) => format!("refused at {}..{}: {}", problem.start, problem.end, problem.message),
    }
}

fn eval(text: &str) -> String {
    let json = serde_json::json!({
        "name": "général", "min": 1, "max": 3, "ratio": 0.5, "zones": ["a", "b"], "none": null,
        "labels": {"app.kubernetes.io/name": "x", "b": "y"}, "foo__dash__bar": true,
        "pools": [{"name": "p", "cpu": 2}, {"name": "q"}]
    });
    eval_on(&json, text)
}

/// Every expression must be true.
fn all_hold(expressions: &[&str]) {
    for text in expressions {
        assert_eq!(eval(text), "true", "{text}");
    }
}

#[test]
fn the_language() {
    all_hold(&[
        "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && -7 / 2 == -3 && -7 % 2 == -1 && 7.0 / 2.0 == 3.5",
        "self.min < self.max && self.min <= 1 && !(self.min > self.max) && self.min != 2",
        "1 == 1.0 && 1u == 1 && 2 > 1.5 && 1.5 < 2u && 9007199254740993 == 9007199254740992.0 && 9007199254740993 != 9007199254740992",
        "'a' < 'b' && 'a' + 'b' == \"ab\" && r'\\n' == '\\\\n' && '''x\ny''' == 'x\\ny' && '\\u00e9' == 'é'",
        "b'ab' + b'c' == b'abc' && size(b'\\x00\\xff') == 2",
        "true ? 1 == 1 : 1 / 0 == 1",
        "false && 1 / 0 == 1 || true",
        "1 / 0 == 1 || true",
        "!(1 / 0 == 1 && false)",
        "size('général') == 7 && size([1, 2]) == 2 && size({'a': 1}) == 1 && self.name.size() == 7",
        "'a' in self.zones && !('c' in self.zones) && 'b' in self.labels && 1 in [1.0]",
        "has(self.min) && !has(self.nope) && self.none == null && !has(self.pools[1].cpu)",
        "self.labels['app.kubernetes.io/name'] == 'x' && self.foo__dash__bar && self.`foo-bar`",
        "[1, 2, 3][1] == 2 && {'a': {'b': 1}}.a.b == 1 && {1: 'x'}[1u] == 'x'",
        "self.zones.all(z, z in ['a', 'b', 'c']) && self.zones.exists(z, z == 'b') && self.zones.exists_one(z, z == 'a')",
        "self.zones.map(z, z + z) == ['aa', 'bb'] && self.pools.filter(p, has(p.cpu)).size() == 1",
        "self.pools.map(p, has(p.cpu), p.name) == ['p']",
        "self.labels.all(k, k.size() > 0) && self.labels.exists(k, v, v == 'y')",
        "[3, 4].all(i, v, v == i + 3) && ['a', 'b'].transformList(i, v, string(i) + v) == ['0a', '1b']",
        "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10) == {'b': 20}",
        "{'a': 'x'}.transformMapEntry(k, v, {v: k}) == {'x': 'a'}",
        "[1, 2].all(x, [3, 4].exists(y, y == x + 2)) && [[1], [2, 3]].map(x, x.map(y, y + 1)) == [[2], [3, 4]]",
        "type(1) == int && type('') == string && type([]) == list && type(type(1)) == type && type(null) == null_type",
        "type(duration('1s')) == google.protobuf.Duration && type(ip('::1')) == net.IP && type(cidr('::/0')) == net.CIDR",
        "int('12') == 12 && int(3.9) == 3 && double('1.5') == 1.5 && string(1.0) == '1' && string(true) == 'true'",
        "uint(3) == 3u && bytes('é') == b'\\xc3\\xa9' && string(b'x') == 'x' && bool('true') && dyn([1]) == [1]",
        "string(1e21) == '1e+21' && string(1e-7) == '1e-07' && string(0.5) == '0.5'",
        "-9223372036854775808 < 0 && 0x10 == 16 && 1e3 == 1000.0 && .5 == 0.5",
        "[1, 2,] == [1, 2] && {'a': 1,} == {'a': 1} // a remark",
        "[null, 1].exists(x, x == null) && null != 1 && 'a' != 1",
    ]);
}

#[test]
fn the_libraries_of_kubernetes() {
    all_hold(&[
        // lists
        "[1, 2, 2].isSorted() && !['b', 'a'].isSorted() && [1, 2].sum() == 3 && [1.5, 1.5].sum() == 3.0 && [].sum() == 0",
        "[3, 1].min() == 1 && [3, 1].max() == 3 && ['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2",
        "[1].indexOf(5) == -1 && [duration('1s'), duration('2s')].sum() == duration('3s')",
        "[1, 1, 2].distinct() == [1, 2] && [[1], [2]].flatten() == [1, 2] && [1, 2, 3].slice(1, 3) == [2, 3]",
        "[2, 1].sort() == [1, 2] && [1, 2].reverse() == [2, 1] && lists.range(3) == [0, 1, 2]",
        "self.pools.sortBy(p, -p.name.size()).size() == 2 && ['b', 'aa'].sortBy(x, x.size()) == ['b', 'aa']",
        "[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && !['x'].slice(0, 0).first().hasValue()",
        // sets
        "sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2]) && !sets.intersects([], [1])",
        // regular expressions
        "'abc 123'.find('[0-9]+') == '123' && 'a1 b2'.findAll('[a-z][0-9]') == ['a1', 'b2'] && 'a1 b2'.findAll('[0-9]', 1) == ['1']",
        "'abc'.matches('^[a-c]+$') && !'abd'.matches('^[a-c]+$') && 'xabcx'.matches('abc') && matches('a', 'a') && ''.find('x') == ''",
        // strings
        "'hello'.charAt(1) == 'e' && 'hello'.charAt(5) == '' && 'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3",
        "'hello'.indexOf('l', 3) == 3 && 'hello'.lastIndexOf('l', 2) == 2 && 'é!'.indexOf('!') == 1 && 'hello'.indexOf('') == 0",
        "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'abc'.split('') == ['a', 'b', 'c']",
        "'a,b'.split(',', 0) == [] && ['a', 'b'].join() == 'ab' && ['a', 'b'].join('-') == 'a-b'",
        "'aXbX'.replace('X', '-') == 'a-b-' && 'aXbX'.replace('X', '-', 1) == 'a-bX' && 'ab'.replace('', '-') == '-a-b-'",
        "'général'.substring(1, 3) == 'én' && 'abc'.substring(1) == 'bc' && ' x '.trim() == 'x' && 'abc'.reverse() == 'cba'",
        "'aB'.upperAscii() == 'AB' && 'aB'.lowerAscii() == 'ab' && 'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b')",
        "'%s is %d of %.1f, %x %X %o %b %e %%'.format(['x', 3, 1.25, 255, 255, 8, 5, 1.5]) == 'x is 3 of 1.2, ff FF 10 101 1.500000×10⁰⁰ %'",
        "'%s %s %s'.format([[1, 'a'], {'k': true}, null]) == '[1, \"a\"] {\"k\":true} null' && strings.quote('a\"b') == '\"a\\\\\"b\"'",
        "base64.encode(b'hello') == 'aGVsbG8=' && base64.decode('aGVsbG8') == b'hello' && jsonpatch.escapeKey('a/b~') == 'a~1b~0'",
        // quantities
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').compareTo(quantity('0.5')) == 0 && isQuantity('1.5Gi') && !isQuantity('1GB')",
        "quantity('200M') == quantity('0.2G') && quantity('1k').asInteger() == 1000 && quantity('1500m').asApproximateFloat() == 1.5",
        "quantity('1').add(quantity('500m')) == quantity('1.5') && quantity('1').sub(2).sign() == -1 && !quantity('1m').isInteger()",
        "quantity('1').isLessThan(quantity('2')) && quantity('8Ei').isInteger() == false",
        // addresses
        "ip('10.0.0.1').family() == 4 && ip('::1').family() == 6 && ip('127.0.0.1').isLoopback() && ip('::').isUnspecified()",
        "isIP('10.0.0.1') && !isIP('010.0.0.1') && !isIP('::ffff:1.2.3.4') && ip.isCanonical('::1') && !ip.isCanonical('0:0::1')",
        "ip('169.254.1.1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
        "ip('10.0.0.1') == ip('10.0.0.1') && string(ip('10.0.0.1')) == '10.0.0.1' && cidr('10.0.0.0/8').string() == '10.0.0.0/8'",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsIP(ip('10.1.2.3')) && !cidr('10.0.0.0/8').containsIP('::1')",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8')) && isCIDR('::/0') && !isCIDR('10.0.0.0')",
        "cidr('10.0.0.5/16').ip() == ip('10.0.0.5') && cidr('10.0.0.5/16').masked() == cidr('10.0.0.0/16') && cidr('10.0.0.0/16').prefixLength() == 16",
        // URLs
        "isURL('https://example.org:8080/a b?x=1&x=2') && !isURL('example.org') && isURL('/path') && !isURL('https://a:b/')",
        "url('https://u@example.org:8080/a?x=1&x=2').getHost() == 'example.org:8080' && url('https://[::1]:80/').getHostname() == '::1'",
        "url('https://example.org:8080/a b').getPort() == '8080' && url('https://e.org/a b').getEscapedPath() == '/a%20b' && url('HTTPS://e').getScheme() == 'https'",
        "url('https://e.org/?x=1&x=2&y=a+b').getQuery() == {'x': ['1', '2'], 'y': ['a b']}",
        // versions
        "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3",
        "isSemver('1.2.3') && !isSemver('v1.2.3') && semver('v1.2', true) == semver('1.2.0') && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1",
        "semver('1.0.0+a') == semver('1.0.0+b') && semver('2.0.0').isGreaterThan(semver('1.9.9')) && isSemver('v01.1', true)",
        // time
        "timestamp('2024-02-29T12:30:15.5Z').getFullYear() == 2024 && timestamp('2024-02-29T00:00:00Z').getMonth() == 1",
        "timestamp('2024-02-29T00:00:00Z').getDate() == 29 && timestamp('2024-02-29T00:00:00Z').getDayOfMonth() == 28 && timestamp('2024-02-29T00:00:00Z').getDayOfWeek() == 4",
        "timestamp('2024-03-01T00:00:00Z').getDayOfYear() == 60 && timestamp('2024-01-01T23:30:00Z').getHours('+02:00') == 1",
        "timestamp('2024-01-01T00:00:00Z') + duration('36h') == timestamp('2024-01-02T12:00:00Z') && timestamp(0) < timestamp('2024-01-01T00:00:00Z')",
        "timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h') && duration('1h') > duration('59m')",
        "duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90 && string(duration('1h')) == '3600s' && int(timestamp('1970-01-01T00:01:00Z')) == 60",
        // optional values
        "self.?nope.orValue(5) == 5 && self.?min.value() == 1 && !self.?nope.hasValue() && self.?labels.b.orValue('') == 'y'",
        "self.pools[?5].orValue({'name': 'z'}).name == 'z' && self.labels[?'b'].value() == 'y' && [?self.?nope, ?self.?min] == [1]",
        "{?'a': self.?nope, ?'b': self.?min} == {'b': 1} && self.?min.optMap(m, m + 1).value() == 2 && self.?nope.or(self.?max).value() == 3",
        "optional.of(1).hasValue() && !optional.none().hasValue() && !optional.ofNonZeroValue('').hasValue() && self.?min.optFlatMap(m, optional.of(m)).value() == 1",
        "optional.unwrap([optional.of(1), optional.none()]) == [1] && !has(self.?nope.x)",
        // named formats
        "!format.dns1123Label().validate('a-b').hasValue() && format.dns1123Label().validate('A').value().size() == 1",
        "format.named('uuid').hasValue() && !format.named('nope').hasValue() && !format.qualifiedName().validate('a.b/c').hasValue()",
        "!format.date().validate('2024-01-31').hasValue() && format.date().validate('2024-02-30').hasValue() && !format.labelValue().validate('').hasValue()",
        // math
        "math.greatest(1, 2.5, 2u) == 2.5 && math.least([3, 1, 2]) == 1 && math.abs(-3) == 3 && math.ceil(1.2) == 2.0 && math.floor(-1.2) == -2.0",
        "math.round(1.5) == 2.0 && math.trunc(-1.5) == -1.0 && math.sign(-2) == -1 && math.isNaN(0.0 / 0.0) && math.isInf(1.0 / 0.0) && math.isFinite(1.0)",
    ]);
}

#[test]
fn errors_say_where_and_what() {
    for (text, said) in [
        ("self.nope", "error at 0..9: there is no field `nope`"),
        ("1 + 'a'", "error at 0..7: `+` does not take int and string"),
        ("self.max > 'a'", "error at 0..14: `>` does not take int and string"),
        ("1 / 0", "error at 0..5: this divides by zero"),
        ("9223372036854775807 + 1", "error at 0..23: the number overflows"),
        ("self.zones[2]", "error at 0..13: there is no item 2 in a list of 2"),
        ("self.labels['x']", "error at 0..16: there is no key `x`"),
        ("self.name.x", "error at 0..11: a string has no field `x`"),
        ("self.name.contains(1)", "error at 0..21: `contains` does not take (string, int)"),
        ("!self.name", "error at 1..10: this must be true or false, it is a string"),
        ("self.zones.all(z, z)", "error at 18..19: this must be true or false, it is a string"),
        ("int('x')", "error at 0..8: `x` cannot be turned into an integer"),
        ("self.name.matches(self.zones[0] + '(')", "error at 0..38: `a(` is not a regular expression"),
        ("self.min <", "refused at 10..10: the expression ends where a value is expected"),
        ("self.min = 1", "refused at 9..10: there is `=` where the end of the expression is expected"),
        ("slef.min", "refused at 0..4: there is no variable `slef`"),
        ("self.name.startWith('a')", "refused at 10..19: there is no function `startWith` to call on a value"),
        ("sixe(self)", "refused at 0..4: there is no function `sixe`"),
        ("self.name.contains()", "refused at 10..20: `contains` takes 1 arguments, not 0"),
        ("'abc", "refused at 0..1: this string is never closed"),
        ("'a\\q'", "refused at 2..4: there is no escape `\\q`"),
        ("has(self)", "refused at 0..9: `has` takes one field, as in `has(self.name)`"),
        ("self.zones.all(1, true)", "refused at 15..16: there is `1` where the name of a variable is expected"),
        ("'x'.matches('[')", "refused at 12..15: `[` is not a regular expression"),
        ("cidr('10.0.0.0')", "refused at 5..15: `10.0.0.0` is not an IP network"),
        ("namespace", "refused at 0..9: `namespace` is a word that CEL keeps for itself"),
        ("99999999999999999999", "refused at 0..20: this number does not fit into 64 bits"),
        ("1 ¤ 2", "refused at 2..4: `¤` has no meaning in CEL"),
        ("", "refused at 0..0: the expression ends where a value is expected"),
    ] {
        assert_eq!(eval(text), said, "{text}");
    }
}

#[test]
fn words_of_other_languages_are_told_in_those_of_cel() {
    for (text, wanted) in [
        ("self.min > 0 and self.max > 0", "write `&&`"),
        ("self.min > 0 or self.max > 0", "write `||`"),
        ("self.min > 0 & self.max > 0", "write `&&`"),
        ("not has(self.min)", "write `!x`"),
        ("not(has(self.min))", "write `!x`"),
        ("self.name not in ['a']", "write `!(item in list)`"),
        ("self.min =< self.max", "write `<=`"),
        ("self.max => self.min", "write `>=`"),
        ("self.min === 1", "write `==`"),
        ("self.min !== 1", "write `!=`"),
        ("self.min <> 1", "write `!=`"),
        ("self.min = 1", "write `==`, which compares two"),
        ("1 if self.min > 1 else 2", "write `condition ? a : b`"),
        ("if self.min > 1 then true", "write `condition ? a : b`"),
        ("len(self.zones) > 1", "write `size(x)`"),
        ("min(self.min, self.max) > 1", "write `math.least(a, b)`"),
        ("self.zones.length() > 1", "write `x.size()`"),
        ("{{ self.min > 1 }}", "write the expression alone, without braces"),
        ("self.min != None", "write `null`"),
        ("self.on == True", "write `true`"),
        ("this.min > 1", "the value that is judged is `self`"),
        ("deny[msg]", "a rule is one expression, which is true where all is right"),
        ("slef.min", "did you mean `self`?"),
        ("min > 1", "a field of the value is `self.min`"),
    ] {
        let help = parser::parse(text).err().and_then(|problem| problem.help);
        assert_eq!(help.as_deref(), Some(wanted), "{text}");
    }
}

#[test]
fn hostile_expressions_end_in_an_error_soon() {
    let ten = "[0,1,2,3,4,5,6,7,8,9]";
    let mut nested = "true".to_owned();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
        nested = format!("{ten}.all({name}, {nested})");
    }
    let doubling = (0..60).fold("['xxxxxxxxxxxxxxxx']".to_owned(), |text, _| format!("{text}.map(s, s + s)"));
    let squaring =
        (0..30).fold("'aaaaaaaaaaaaaaaa'".to_owned(), |text, _| format!("{text}.replace('a', 'aaaaaaaaaaaaaaaa')"));
    let cases = [
        nested,
        format!("{doubling}.size() == 1"),
        format!("{squaring}.size() == 1"),
        "(".repeat(10_000),
        format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}1{}", "[".repeat(30), "]".repeat(30)),
        "!".repeat(10_000) + "true",
        "-".repeat(10_001) + "1",
        "1+".repeat(5_000) + "1",
        "self".to_owned() + &".a".repeat(5_000),
        "true ? true : ".repeat(1_000) + "true",
        "true && ".repeat(1_500) + "true",
        "x".repeat(1 << 20),
        "lists.range(100000).all(x, lists.range(100000).all(y, true))".to_owned(),
        "lists.range(9223372036854775807).size() == 1".to_owned(),
        "'x'.matches('(((((x{1,99}){1,99}){1,99}){1,99}){1,99})')".to_owned(),
        "lists.range(90000).all(x, 'x'.matches('x' + string(x)))".to_owned(),
        "'%.99f%.99f%.99f'.format([1.0, 1e300, 1e300])".to_owned(),
    ];
    for text in cases {
        let said = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn({
                let text = text.clone();
                move || eval(&text)
            })
            .unwrap()
            .join()
            .unwrap();
        let shown: String = text.chars().take(60).collect();
        assert!(said.len() < 2_000, "{shown}");
    }
}

/// What an expression costs on a text of so many letters.
fn steps(text: &str, length: usize) -> u64 {
    let this = Value::String("a".repeat(length).into());
    let expr = parser::parse(text).unwrap_or_else(|problem| panic!("{text}: {}", problem.message));
    let mut machine = Machine::default();
    // What it says of such arguments doesn't matter, only what that costs.
    let _ = machine.run(&expr, &this);
    machine.take_cost().steps
}

#[test]
fn each_function_is_charged_for_the_texts_it_reads() {
    const LONG: usize = 1 << 18;
    let mut calls: Vec<String> = Vec::new();
    for (name, is_method, least) in super::functions::signatures() {
        // Texts are given for all that it takes; `or` and `orValue` look at nothing.
        let arguments = vec!["self"; least - usize::from(is_method)].join(", ");
        match name {
            "or" | "orValue" => {}
            _ if is_method => calls.push(format!("self.{name}({arguments})")),
            _ => calls.push(format!("{name}({arguments})")),
        }
    }
    assert!(calls.len() > 90, "{}", calls.len());
    // Operators and lists that compare texts, or look them up.
    let others = ["self < self", "self >= self", "self == self", "self in {'a': 1}", "{'a': 1}[self]", "self + 'a'"];
    let lists = ["[self, self].max()", "[self, self].isSorted()", "[self, self].sort()", "self in [self]"];
    calls.extend(others.into_iter().chain(lists).map(str::to_owned));
    for call in calls.into_iter().filter(|call| call.contains("self")) {
        let read = steps(&call, LONG) - steps(&call, 1);
        assert!(read >= LONG as u64 / 64, "{call} reads a text of {LONG} bytes for {read} steps");
    }
}

#[test]
fn numbers_of_several_types_are_sorted_without_an_order() {
    let numbers: Vec<_> =
        (0..60).map(|at| ["9007199254740993", "9007199254740992.0", "9007199254740992"][at % 3]).collect();
    assert_eq!(eval(&format!("[{}].sort().size() == 60", numbers.join(", "))), "true");
    assert!(eval("[1, 'a', 2].sort() == []").contains("no order"));
}
