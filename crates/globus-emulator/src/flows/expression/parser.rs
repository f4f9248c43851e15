//! From tokens to an expression: Python's grammar of expressions, by recursive descent.
//!
//! No published parser of Python fits: those that are kept up ask for a newer Rust than the project does. The
//! table of expressions that `CPython` has evaluated is what this one is held against.

use super::super::path::Path;
use super::Fault;
use super::ast::{Binary, Clause, Compare, Expr, Target, Unary};
use super::lexer::Token;
use super::value::Value;

/// How deep an expression may be nested: brackets, operators, and what follows a dot alike.
const DEEPEST: usize = 100;

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

pub(super) fn parse(tokens: Vec<Token>) -> Result<Expr, Fault> {
    if tokens.is_empty() {
        return Err(Fault::syntax("the expression is empty"));
    }
    let mut parser = Parser { tokens, at: 0, level: 0 };
    let tree = parser.tuple_or_expression()?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected());
    }
    Ok(tree.expr)
}

/// An expression and how deep it is.
struct Tree {
    expr: Expr,
    depth: usize,
}

impl Tree {
    fn leaf(expr: Expr) -> Tree {
        Tree { expr, depth: 1 }
    }

    fn over(depth: usize, expr: Expr) -> Result<Tree, Fault> {
        if depth >= DEEPEST {
            return Err(too_deep());
        }
        Ok(Tree { expr, depth: depth + 1 })
    }
}

fn sets() -> Fault {
    Fault::unsupported("sets are not part of the expression language")
}

fn too_deep() -> Fault {
    Fault::limit(format!("the expression is nested more than {DEEPEST} levels deep"))
}

/// A list of expressions, and the depth of the deepest.
#[derive(Default)]
struct Trees {
    exprs: Vec<Expr>,
    depth: usize,
}

impl Trees {
    fn push(&mut self, tree: Tree) {
        self.depth = self.depth.max(tree.depth);
        self.exprs.push(tree.expr);
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    level: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(found)) if found == word)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Fault> {
        if self.sign(sign) { Ok(()) } else { Err(self.wanted(sign)) }
    }

    fn wanted(&self, what: &str) -> Fault {
        Fault::syntax(format!("expected {what}, not {}", self.found()))
    }

    fn unexpected(&self) -> Fault {
        Fault::syntax(format!("{} has no place here", self.found()))
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Sign(text)) => (*text).to_owned(),
            Some(Token::Name(name)) => name.clone(),
            Some(Token::Int(_) | Token::Float(_)) => "a number".to_owned(),
            Some(Token::Text(_)) => "a string".to_owned(),
            Some(Token::Path(path)) => format!("`{path}`"),
        }
    }

    /// At the top, a tuple needs no brackets.
    fn tuple_or_expression(&mut self) -> Result<Tree, Fault> {
        let first = self.expression()?;
        if !self.is_sign(",") {
            return Ok(first);
        }
        let mut items = Trees::default();
        items.push(first);
        while self.sign(",") {
            if self.peek().is_none() || self.is_sign(")") || self.is_sign("]") {
                break;
            }
            items.push(self.expression()?);
        }
        Tree::over(items.depth, Expr::Tuple(items.exprs))
    }

    fn expression(&mut self) -> Result<Tree, Fault> {
        self.level += 1;
        if self.level > DEEPEST {
            return Err(too_deep());
        }
        let then = self.disjunction()?;
        let tree = if self.word("if") {
            let test = self.disjunction()?;
            if !self.word("else") {
                return Err(self.wanted("else"));
            }
            let otherwise = self.expression()?;
            let depth = then.depth.max(test.depth).max(otherwise.depth);
            let [test, then, otherwise] = [test, then, otherwise].map(|tree| Box::new(tree.expr));
            Tree::over(depth, Expr::Conditional { test, then, otherwise })?
        } else {
            then
        };
        self.level -= 1;
        Ok(tree)
    }

    fn disjunction(&mut self) -> Result<Tree, Fault> {
        self.joined("or", Parser::conjunction, Expr::Or)
    }

    fn conjunction(&mut self) -> Result<Tree, Fault> {
        self.joined("and", Parser::negation, Expr::And)
    }

    fn joined(
        &mut self,
        word: &str,
        operand: fn(&mut Parser) -> Result<Tree, Fault>,
        join: fn(Vec<Expr>) -> Expr,
    ) -> Result<Tree, Fault> {
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut operands = Trees::default();
        operands.push(first);
        while self.word(word) {
            operands.push(operand(self)?);
        }
        Tree::over(operands.depth, join(operands.exprs))
    }

    fn negation(&mut self) -> Result<Tree, Fault> {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let mut tree = self.comparison()?;
        for _ in 0..negations {
            tree = Tree::over(tree.depth, Expr::Unary(Unary::Not, Box::new(tree.expr)))?;
        }
        Ok(tree)
    }

    fn comparison(&mut self) -> Result<Tree, Fault> {
        let first = self.binary(0)?;
        let mut depth = first.depth;
        let mut rest = Vec::new();
        while let Some(operator) = self.compare_operator()? {
            let operand = self.binary(0)?;
            depth = depth.max(operand.depth);
            rest.push((operator, operand.expr));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Tree::over(depth, Expr::Compare(Box::new(first.expr), rest))
    }

    fn compare_operator(&mut self) -> Result<Option<Compare>, Fault> {
        let operator = match self.peek() {
            Some(Token::Sign("==")) => Compare::Equal,
            Some(Token::Sign("!=")) => Compare::NotEqual,
            Some(Token::Sign("<")) => Compare::Less,
            Some(Token::Sign("<=")) => Compare::LessEqual,
            Some(Token::Sign(">")) => Compare::Greater,
            Some(Token::Sign(">=")) => Compare::GreaterEqual,
            Some(Token::Name(name)) if name == "in" => Compare::In,
            Some(Token::Name(name)) if name == "is" => {
                self.at += 1;
                return Ok(Some(if self.word("not") { Compare::IsNot } else { Compare::Is }));
            }
            Some(Token::Name(name)) if name == "not" => {
                self.at += 1;
                return if self.word("in") { Ok(Some(Compare::NotIn)) } else { Err(self.wanted("in")) };
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(operator))
    }

    /// Operators that bind at least as tightly as `least`, all of which group from the left.
    fn binary(&mut self, least: u8) -> Result<Tree, Fault> {
        let mut left = self.unary()?;
        while let Some((operator, binding)) = self.binary_operator().filter(|(_, binding)| *binding >= least)
        {
            self.at += 1;
            let right = self.binary(binding + 1)?;
            let depth = left.depth.max(right.depth);
            left = Tree::over(depth, Expr::Binary(operator, Box::new(left.expr), Box::new(right.expr)))?;
        }
        Ok(left)
    }

    fn binary_operator(&self) -> Option<(Binary, u8)> {
        let Some(Token::Sign(sign)) = self.peek() else { return None };
        Some(match *sign {
            "|" => (Binary::BitOr, 0),
            "^" => (Binary::BitXor, 1),
            "&" => (Binary::BitAnd, 2),
            "<<" => (Binary::ShiftLeft, 3),
            ">>" => (Binary::ShiftRight, 3),
            "+" => (Binary::Add, 4),
            "-" => (Binary::Subtract, 4),
            "*" => (Binary::Multiply, 5),
            "/" => (Binary::Divide, 5),
            "//" => (Binary::FloorDivide, 5),
            "%" => (Binary::Modulo, 5),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Tree, Fault> {
        let mut operators = Vec::new();
        while let Some(Token::Sign(sign @ ("-" | "+" | "~"))) = self.peek() {
            operators.push(match *sign {
                "-" => Unary::Minus,
                "+" => Unary::Plus,
                _ => Unary::Invert,
            });
            self.at += 1;
        }
        let mut tree = self.power()?;
        for operator in operators.into_iter().rev() {
            tree = Tree::over(tree.depth, Expr::Unary(operator, Box::new(tree.expr)))?;
        }
        Ok(tree)
    }

    /// `**` binds more tightly than a sign on its left, less tightly than one on its right, from the right.
    fn power(&mut self) -> Result<Tree, Fault> {
        let base = self.postfix()?;
        if !self.sign("**") {
            return Ok(base);
        }
        self.level += 1;
        if self.level > DEEPEST {
            return Err(too_deep());
        }
        let exponent = self.unary()?;
        self.level -= 1;
        let depth = base.depth.max(exponent.depth);
        Tree::over(depth, Expr::Binary(Binary::Power, Box::new(base.expr), Box::new(exponent.expr)))
    }

    fn postfix(&mut self) -> Result<Tree, Fault> {
        let mut tree = self.atom()?;
        loop {
            if self.sign(".") {
                let name = self.name("a name after the dot")?;
                tree = Tree::over(tree.depth, Expr::Attribute(Box::new(tree.expr), name))?;
            } else if self.sign("[") {
                tree = self.subscript(tree)?;
            } else if self.sign("(") {
                tree = self.call(tree)?;
            } else {
                return Ok(tree);
            }
        }
    }

    fn subscript(&mut self, of: Tree) -> Result<Tree, Fault> {
        let mut bounds: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut depth = of.depth;
        let mut colons = 0;
        loop {
            if self.sign("]") {
                break;
            }
            if self.sign(":") {
                colons += 1;
                if colons > 2 {
                    return Err(self.unexpected());
                }
                continue;
            }
            if bounds[colons].is_some() {
                return Err(self.wanted("]"));
            }
            let bound = if colons == 0 { self.tuple_or_expression()? } else { self.expression()? };
            depth = depth.max(bound.depth);
            bounds[colons] = Some(Box::new(bound.expr));
        }
        let expr = match (colons, bounds) {
            (0, [Some(index), _, _]) => Expr::Index(Box::new(of.expr), index),
            (0, _) => return Err(Fault::syntax("the index is missing between [ and ]")),
            (_, bounds) => Expr::Slice(Box::new(of.expr), bounds),
        };
        Tree::over(depth, expr)
    }

    fn call(&mut self, function: Tree) -> Result<Tree, Fault> {
        let mut arguments = Trees::default();
        let mut keywords: Vec<(String, Expr)> = Vec::new();
        while !self.sign(")") {
            let keyword = match (self.peek(), self.tokens.get(self.at + 1)) {
                (Some(Token::Name(name)), Some(Token::Sign("="))) if !KEYWORDS.contains(&name.as_str()) => {
                    Some(name.clone())
                }
                (Some(Token::Sign("*" | "**")), _) => {
                    return Err(Fault::unsupported("arguments cannot be unpacked with * or **"));
                }
                _ => None,
            };
            if let Some(name) = keyword {
                self.at += 2;
                let value = self.expression()?;
                if keywords.iter().any(|(other, _)| *other == name) {
                    return Err(Fault::syntax(format!("the argument {name} is given twice")));
                }
                arguments.depth = arguments.depth.max(value.depth);
                keywords.push((name, value.expr));
            } else if !keywords.is_empty() {
                return Err(Fault::syntax("a positional argument follows a named one"));
            } else {
                let argument = self.expression()?;
                if self.is_word("for") {
                    arguments.push(self.comprehension(argument, None)?);
                } else {
                    arguments.push(argument);
                }
            }
            if !self.sign(",") && !self.is_sign(")") {
                return Err(self.wanted(")"));
            }
        }
        let depth = function.depth.max(arguments.depth);
        let function = Box::new(function.expr);
        Tree::over(depth, Expr::Call { function, arguments: arguments.exprs, keywords })
    }

    fn atom(&mut self) -> Result<Tree, Fault> {
        let Some(token) = self.tokens.get(self.at).cloned() else { return Err(self.unexpected()) };
        let constant = |value| Ok(Tree::leaf(Expr::Constant(value)));
        match token {
            Token::Int(number) => {
                self.at += 1;
                constant(Value::Int(number))
            }
            Token::Float(number) => {
                self.at += 1;
                constant(Value::Float(number))
            }
            Token::Text(mut text) => {
                self.at += 1;
                // Strings that stand side by side are one.
                while let Some(Token::Text(more)) = self.peek() {
                    text.push_str(more);
                    self.at += 1;
                }
                constant(Value::text(text))
            }
            Token::Path(path) => {
                self.at += 1;
                let path = Path::parse(&path).map_err(|fault| Fault::syntax(fault.to_string()))?;
                Ok(Tree::leaf(Expr::Path(path)))
            }
            Token::Name(name) => match name.as_str() {
                "None" | "True" | "False" => {
                    self.at += 1;
                    constant(match name.as_str() {
                        "None" => Value::None,
                        word => Value::Bool(word == "True"),
                    })
                }
                "lambda" | "await" | "yield" => {
                    Err(Fault::unsupported(format!("{name} is not part of the expression language")))
                }
                _ => Ok(Tree::leaf(Expr::Name(self.name("a value")?))),
            },
            Token::Sign("(") => {
                self.at += 1;
                self.round_brackets()
            }
            Token::Sign("[") => {
                self.at += 1;
                let (items, comprehension) = self.items("]")?;
                match comprehension {
                    Some(tree) => Ok(tree),
                    None => Tree::over(items.depth, Expr::List(items.exprs)),
                }
            }
            Token::Sign("{") => {
                self.at += 1;
                self.curly_brackets()
            }
            Token::Sign(_) => Err(self.unexpected()),
        }
    }

    fn name(&mut self, what: &str) -> Result<String, Fault> {
        match self.peek() {
            Some(Token::Name(name)) if !KEYWORDS.contains(&name.as_str()) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.wanted(what)),
        }
    }

    fn round_brackets(&mut self) -> Result<Tree, Fault> {
        if self.sign(")") {
            return Ok(Tree::leaf(Expr::Tuple(Vec::new())));
        }
        let (mut items, comprehension) = self.items(")")?;
        if let Some(tree) = comprehension {
            return Ok(tree);
        }
        let trailing = matches!(self.tokens.get(self.at.wrapping_sub(2)), Some(Token::Sign(",")));
        match items.exprs.pop() {
            Some(expr) if items.exprs.is_empty() && !trailing => Tree::over(items.depth, expr),
            Some(last) => {
                items.exprs.push(last);
                Tree::over(items.depth, Expr::Tuple(items.exprs))
            }
            None => Err(self.unexpected()),
        }
    }

    /// Reads items up to the closing bracket, or a comprehension.
    fn items(&mut self, close: &str) -> Result<(Trees, Option<Tree>), Fault> {
        let mut items = Trees::default();
        while !self.sign(close) {
            let item = self.expression()?;
            if self.is_word("for") && items.exprs.is_empty() {
                let tree = self.comprehension(item, None)?;
                self.expect(close)?;
                return Ok((items, Some(tree)));
            }
            items.push(item);
            if !self.sign(",") && !self.is_sign(close) {
                return Err(self.wanted(close));
            }
        }
        Ok((items, None))
    }

    fn curly_brackets(&mut self) -> Result<Tree, Fault> {
        let mut entries = Vec::new();
        let mut depth = 0;
        while !self.sign("}") {
            if self.is_sign("**") {
                return Err(Fault::unsupported("dicts cannot be unpacked with **"));
            }
            let key = self.expression()?;
            if !self.sign(":") {
                return Err(match self.peek() {
                    Some(Token::Sign("," | "}")) => sets(),
                    Some(Token::Name(name)) if name == "for" => sets(),
                    _ => self.wanted(":"),
                });
            }
            let value = self.expression()?;
            if self.is_word("for") && entries.is_empty() {
                let tree = self.comprehension(key, Some(value))?;
                self.expect("}")?;
                return Ok(tree);
            }
            depth = depth.max(key.depth).max(value.depth);
            entries.push((key.expr, value.expr));
            if !self.sign(",") && !self.is_sign("}") {
                return Err(self.wanted("}"));
            }
        }
        Tree::over(depth, Expr::Dict(entries))
    }

    fn comprehension(&mut self, element: Tree, value: Option<Tree>) -> Result<Tree, Fault> {
        let mut depth = element.depth.max(value.as_ref().map_or(0, |value| value.depth));
        let mut clauses = Vec::new();
        while self.word("for") {
            let target = self.targets()?;
            if !self.word("in") {
                return Err(self.wanted("in"));
            }
            let source = self.disjunction()?;
            depth = depth.max(source.depth);
            let mut conditions = Trees::default();
            while self.word("if") {
                conditions.push(self.disjunction()?);
            }
            depth = depth.max(conditions.depth);
            clauses.push(Clause { target, source: source.expr, conditions: conditions.exprs });
        }
        let value = value.map(|value| Box::new(value.expr));
        Tree::over(depth, Expr::Comprehension { element: Box::new(element.expr), value, clauses })
    }

    fn targets(&mut self) -> Result<Target, Fault> {
        let first = self.target()?;
        if !self.is_sign(",") {
            return Ok(first);
        }
        let mut targets = vec![first];
        while self.sign(",") && !self.is_word("in") {
            targets.push(self.target()?);
        }
        Ok(Target::Tuple(targets))
    }

    fn target(&mut self) -> Result<Target, Fault> {
        let close = if self.sign("(") {
            ")"
        } else if self.sign("[") {
            "]"
        } else {
            return self.name("a name to assign to").map(Target::Name);
        };
        self.level += 1;
        if self.level > DEEPEST {
            return Err(too_deep());
        }
        let targets = self.targets()?;
        self.level -= 1;
        self.expect(close)?;
        Ok(targets)
    }
}
