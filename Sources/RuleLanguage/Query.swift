/// What a person typed to find customers: words to search for, or an expression.
public enum Query: Equatable, Sendable {
    /// Words to search for, as typed, without the blanks around them.
    case freeText(String)
    case expression(Expression)

    /// Tells free text from an expression, and reads the latter.
    ///
    /// A text is an expression where one of these holds, signs in quotes and backticks not counted:
    /// 1. it holds `=`, `!=`, `<`, `>` or another form of these (`==`, `<=`, `≠`, `＝`, …);
    /// 2. it begins with the word `not` or 非 and goes on;
    /// 3. it begins with `tag(`, `tags(` or `标签(`;
    /// 4. it begins with a name and `~`, `contains` or 包含 and a value; or `in` or 属于 and `(`; or `is empty`,
    ///    `is not empty`, 为空 or 不为空. `not contains` and `not in (`, too.
    ///
    /// Brackets before the beginning in 2, 3 and 4 are passed over. All else is free text: `张伟`, `13800138000`,
    /// `AT&T`, `Tom and Jerry`, `华为（深圳）`, `Jean-Luc`. A text that is wholly in quotes is free text without them,
    /// so that any words can be searched for: `"a = b"`.
    ///
    /// - Complexity: linear in the length of the text, which is at most 10,000 bytes.
    /// - Throws: the codes of `Expression.parse`, where the text is an expression; `rules.too-long`.
    public static func parse(_ text: String) throws(RuleError) -> Query {
        let source = try SourceText(text)
        let reading = Lexer.read(source)
        if reading.failure == nil, reading.tokens.count == 2, reading.tokens[0].kind == .text {
            return .freeText(reading.tokens[0].text)
        }
        if isExpression(reading.tokens) { return .expression(try Parser.parse(source, reading)) }
        var rest = source.scalars[...].drop { $0.properties.isWhitespace }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        var words = String.UnicodeScalarView()
        words.append(contentsOf: rest)
        return .freeText(String(words))
    }

    private static func isExpression(_ tokens: [Token]) -> Bool {
        for token in tokens {
            if case .comparison(let comparison) = token.kind, comparison != .contains { return true }
        }
        // At least one token, the end, is left.
        let start = Array(tokens.drop { $0.kind == .openBracket }.prefix(4))
        if start[0].keyword == .not { return start[1].kind != .end }
        guard start.count >= 3 else { return false }
        if start[0].isTagName || start[0].isGluedNegation(before: start[1]), start[1].kind == .openBracket { return true }
        guard start[0].namesField else { return false }
        return isTest(Array(start.dropFirst()))
    }

    /// Whether tokens go on after a name as a test does that is written in words.
    private static func isTest(_ tokens: [Token]) -> Bool {
        if tokens[0].kind == .comparison(.contains) { return tokens[1].isValue }
        switch tokens[0].keyword {
        case .isEmpty, .isNotEmpty: return true
        case .contains, .notContains: return tokens[1].isValue
        case .isIn, .isNotIn: return tokens[1].kind == .openBracket
        case .copula:
            return tokens[1].keyword == .empty
                || tokens.count > 2 && tokens[1].keyword == .not && tokens[2].keyword == .empty
        case .not:
            guard tokens.count > 2 else { return false }
            return tokens[1].keyword == .isIn && tokens[2].kind == .openBracket
                || tokens[1].keyword == .contains && tokens[2].isValue
        default: return false
        }
    }
}
