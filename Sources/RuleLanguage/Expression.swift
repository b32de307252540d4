/// An expression of the rule language: what a customer must satisfy.
///
/// The first form of the language, in rising order of how tightly it binds:
///
///     or        或 或者            industry = "I65" or stage = lead
///     and       且 并且            city = 上海 and revenue >= 100万
///     not       非                not tag("流失风险")
///     condition  field = value    != < <= > >= (also == <> ≠ ≤ ≥ and their full-width forms)
///                field contains value    ~ 包含, not contains, 不包含
///                field in (a, b, c)      属于, not in, 不属于
///                field is empty          为空;  field is not empty  不为空
///                tag("value")            标签("value"); the same as tag = "value"
///     ( … )     （ … ）
///
/// - Field names are words of letters, digits, `_`, `.` and `-` that hold a letter or `_` and start with neither `.` nor
///   `-`; any other name stands in backticks. `tag`, `tags` and `标签` name the set of a customer's tags.
/// - Values are bare words, texts in quotes (`"…"`, `'…'`, `“…”`, `‘…’`, `「…」`, `『…』`), numbers (`1_000`, `-2.5`,
///   `100万`, `1.5亿`) and dates (`2024-01-15`). A value with spaces, brackets, commas or operators needs quotes. In
///   quotes and backticks `\n`, `\r`, `\t`, `\\`, `\u{4E0A}` and a backslash before a quote are escapes.
/// - Outside quotes full-width letters, digits and punctuation count as their ASCII forms; keywords are case-insensitive.
/// - 且, 并且, 或 and 或者 need no space after them where a condition has just ended in a quote or a bracket.
///
/// Two trees are equal where they say the same in the same grouping; columns are not compared. Texts should be in
/// normalization form C when they are parsed, as stored values are: the language compares bytes.
///
/// - Invariant: `and` and `or` have two operands or more.
public indirect enum Expression: Equatable, Sendable {
    case condition(Condition)
    case not(Expression)
    case and([Expression])
    case or([Expression])

    /// Reads an expression.
    ///
    /// Limits: 10,000 bytes of UTF-8; 100 levels of brackets and `not`; 1,000 nodes, where every condition, every value of
    /// a list and every `and`, `or` and `not` is a node.
    ///
    /// - Complexity: linear in the length of the text.
    /// - Throws: `rules.nothing-given`, `rules.too-long`, `rules.too-deep`, `rules.too-many-nodes`,
    ///   `rules.text-not-closed`, `rules.bad-escape`, `rules.condition-expected`, `rules.operator-expected`,
    ///   `rules.value-expected`, `rules.connective-expected`, `rules.bracket-expected`, `rules.empty-expected`,
    ///   `rules.not-yet-known-function`.
    public static func parse(_ text: String) throws(RuleError) -> Expression {
        let source = try SourceText(text)
        return try Parser.parse(source, Lexer.read(source))
    }
}

/// One test of one subject: a leaf of an expression.
public struct Condition: Equatable, Sendable {
    public var subject: Subject
    public var test: Test

    public init(_ subject: Subject, _ test: Test) {
        self.subject = subject
        self.test = test
    }
}

/// What a condition tests. Computed figures such as `sum(order.amount, 12 months)` become further cases.
public enum Subject: Equatable, Sendable {
    case field(FieldName)
}

/// The name of a field as written, or its canonical name once the expression is checked.
public struct FieldName: Equatable, Sendable {
    /// The field that holds a customer's tags; every other spelling of it is read as this one.
    public static let tag = "tag"
    static let namesOfTags: Set<String> = [tag, "tags", "标签"]

    public let name: String
    /// Where it stands in the text, counted in characters from 1; 0 where it was not parsed.
    public let column: Int

    public init(_ name: String, column: Int = 0) {
        self.name = Self.namesOfTags.contains(name.asciiLowercased) ? Self.tag : name
        self.column = column
    }

    public static func == (one: FieldName, other: FieldName) -> Bool { one.name == other.name }
}

extension Condition {
    /// What must hold of the subject's values.
    public enum Test: Equatable, Sendable {
        case compare(Comparison, Literal)
        /// Equal to one of at least one value.
        case isIn([Literal])
        case isEmpty
        case isNotEmpty
    }
}

/// An operator between a subject and one value; the raw value is its canonical spelling.
public enum Comparison: String, CaseIterable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains
}
