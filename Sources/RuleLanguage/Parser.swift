/// Makes a tree of tokens by recursive descent, within limits that keep the stack small.
struct Parser {
    static let depthLimit = 100
    static let nodesLimit = 1_000

    private let source: SourceText
    private var tokens: [Token]
    private var index = 0
    private var depth = 0
    private var nodes = 0

    static func parse(_ source: SourceText, _ reading: Lexer.Reading) throws(RuleError) -> Expression {
        if let failure = reading.failure { throw failure }
        var parser = Parser(source: source, tokens: reading.tokens)
        if parser.current.kind == .end { throw RuleError(.nothingGiven, column: 1) }
        let expression = try parser.disjunction()
        guard parser.current.kind == .end else {
            throw parser.error(.connectiveExpected, expected: "and, or")
        }
        return expression
    }

    private init(source: SourceText, tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    private var current: Token { tokens[index] }
    private var next: Token { tokens[min(index + 1, tokens.count - 1)] }
    private var column: Int { source.column(at: current.offset) }

    private func error(
        _ reason: RuleError.Reason, expected: String, _ parameters: [String: String] = [:]
    ) -> RuleError {
        source.error(reason, at: current.offset, expected: expected, parameters)
    }

    private mutating func countNode() throws(RuleError) {
        nodes += 1
        if nodes > Self.nodesLimit {
            throw source.error(.tooManyNodes, at: current.offset, ["limit": String(Self.nodesLimit)])
        }
    }

    private mutating func descend() throws(RuleError) {
        depth += 1
        if depth > Self.depthLimit {
            throw source.error(.tooDeep, at: current.offset, ["limit": String(Self.depthLimit)])
        }
    }

    // MARK: Connectives

    private mutating func disjunction() throws(RuleError) -> Expression {
        var operands = [try conjunction()]
        while accept(.or, glued: ["或者", "或"]) { operands.append(try conjunction()) }
        if operands.count == 1 { return operands[0] }
        try countNode()
        return .or(operands)
    }

    private mutating func conjunction() throws(RuleError) -> Expression {
        var operands = [try negation()]
        while accept(.and, glued: ["并且", "且"]) { operands.append(try negation()) }
        if operands.count == 1 { return operands[0] }
        try countNode()
        return .and(operands)
    }

    /// Takes a connective; a Chinese one may be glued to the word after it, since no other word can stand here.
    private mutating func accept(_ keyword: Keyword, glued: [String]) -> Bool {
        if current.keyword == keyword {
            index += 1
            return true
        }
        guard current.kind == .word, current.keyword == nil else { return false }
        for connective in glued {
            let length = connective.unicodeScalars.count
            guard current.text.unicodeScalars.starts(with: connective.unicodeScalars) else { continue }
            splitCurrent(after: length)
            return true
        }
        return false
    }

    /// Drops the first scalars of the current word. Folding replaces scalars one by one, so offsets stay true.
    private mutating func splitCurrent(after length: Int) {
        let rest = String(current.text.unicodeScalars.dropFirst(length))
        tokens[index] = Token(kind: .word, text: rest, offset: current.offset + length)
    }

    private mutating func negation() throws(RuleError) -> Expression {
        if current.keyword == .not || current.isGluedNegation(before: next) {
            try descend()
            if current.keyword == .not { index += 1 } else { splitCurrent(after: 1) }
            let operand = try negation()
            try countNode()
            depth -= 1
            return .not(operand)
        }
        guard current.kind == .openBracket else { return try condition() }
        try descend()
        index += 1
        let inner = try disjunction()
        try close(expected: "and, or, )")
        depth -= 1
        return inner
    }

    private mutating func close(expected: String) throws(RuleError) {
        guard current.kind == .closeBracket else { throw error(.bracketExpected, expected: expected) }
        index += 1
    }

    // MARK: Conditions

    private mutating func condition() throws(RuleError) -> Expression {
        try countNode()
        let isCall = current.kind == .word && current.keyword == nil && next.kind == .openBracket
        if isCall && !current.isTagName {
            throw error(.notYetKnownFunction, expected: "tag", ["function": String(current.text.prefix(40))])
        }
        guard current.namesField else {
            throw error(.conditionExpected, expected: #"field = value, tag("…"), ("#)
        }
        let field = FieldName(current.text, column: column)
        index += 1
        guard isCall else { return try test(of: field) }
        index += 1
        let tag = try literal()
        try close(expected: ")")
        return .condition(Condition(.field(field), .compare(.equal, tag)))
    }

    private mutating func test(of field: FieldName) throws(RuleError) -> Expression {
        var isNegated = false
        if current.keyword == .not, next.keyword == .isIn || next.keyword == .contains {
            isNegated = true
            index += 1
        }
        let test: Condition.Test
        if case .comparison(let comparison) = current.kind {
            index += 1
            test = .compare(comparison, try literal())
        } else {
            switch current.keyword {
            case .contains, .notContains:
                isNegated = isNegated || current.keyword == .notContains
                index += 1
                test = .compare(.contains, try literal())
            case .isIn, .isNotIn:
                isNegated = isNegated || current.keyword == .isNotIn
                index += 1
                test = .isIn(try list())
            case .copula:
                index += 1
                test = try emptiness()
            case .isEmpty:
                index += 1
                test = .isEmpty
            case .isNotEmpty:
                index += 1
                test = .isNotEmpty
            default:
                throw error(.operatorExpected, expected: "= != < <= > >= ~ contains, in (…), is empty")
            }
        }
        let condition = Expression.condition(Condition(.field(field), test))
        guard isNegated else { return condition }
        try countNode()
        return .not(condition)
    }

    private mutating func emptiness() throws(RuleError) -> Condition.Test {
        let isNegated = current.keyword == .not
        if isNegated { index += 1 }
        guard current.keyword == .empty else { throw error(.emptyExpected, expected: "empty, not empty") }
        index += 1
        return isNegated ? .isNotEmpty : .isEmpty
    }

    private mutating func list() throws(RuleError) -> [Literal] {
        guard current.kind == .openBracket else { throw error(.bracketExpected, expected: "(") }
        var values: [Literal] = []
        repeat {
            index += 1
            try countNode()
            values.append(try literal())
        } while current.kind == .comma
        try close(expected: "), ,")
        return values
    }

    private mutating func literal() throws(RuleError) -> Literal {
        let token = current
        switch token.kind {
        case .text:
            index += 1
            return Literal(text: token.text, column: source.column(at: token.offset))
        case .word:
            index += 1
            return Literal(bareWord: token.text, column: source.column(at: token.offset))
        default:
            throw error(.valueExpected, expected: "上海, \"…\", 100, 2024-01-15")
        }
    }
}

extension Token {
    /// Whether this can be a field's name: in backticks, or a word that is no keyword and is made as names are.
    var namesField: Bool {
        switch kind {
        case .name: !text.isEmpty
        case .word: keyword == nil && Token.isPlainName(text)
        default: false
        }
    }

    /// Whether a field's name needs no backticks, keywords aside.
    static func isPlainName(_ text: String) -> Bool {
        var hasLetter = false
        for scalar in text.unicodeScalars {
            if scalar == "_" || scalar.properties.isAlphabetic {
                hasLetter = true
            } else if scalar.properties.numericType == nil && scalar.properties.generalCategory != .nonspacingMark
                && scalar != "." && scalar != "-"
            {
                return false
            }
        }
        return hasLetter && text.unicodeScalars.first != "." && text.unicodeScalars.first != "-"
    }

    /// Whether this is 非 written together with the name of the set of tags before its bracket: `非标签("流失风险")`.
    func isGluedNegation(before next: Token) -> Bool {
        guard kind == .word, next.kind == .openBracket, text.unicodeScalars.first == "非" else { return false }
        return FieldName.namesOfTags.contains(String(text.unicodeScalars.dropFirst()).asciiLowercased)
    }
}
