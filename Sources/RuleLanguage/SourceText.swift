/// A text that is being read: its Unicode scalars, and the column that each belongs to.
struct SourceText {
    static let bytesLimit = 10_000

    let scalars: [Unicode.Scalar]
    /// For each scalar, and for the end, the character it belongs to, counted from 1.
    private let columns: [Int]

    init(_ text: String) throws(RuleError) {
        guard text.utf8.count <= Self.bytesLimit else {
            throw RuleError(.tooLong, column: 1, ["limit": String(Self.bytesLimit)])
        }
        scalars = Array(text.unicodeScalars)
        var columns: [Int] = []
        columns.reserveCapacity(scalars.count + 1)
        var column = 1
        for character in text {
            for _ in character.unicodeScalars { columns.append(column) }
            column += 1
        }
        columns.append(column)
        self.columns = columns
    }

    func column(at offset: Int) -> Int { columns[offset] }

    func error(
        _ reason: RuleError.Reason, at offset: Int, expected: String? = nil, _ parameters: [String: String] = [:]
    ) -> RuleError {
        var parameters = parameters
        parameters["near"] = near(offset)
        if let expected { parameters["expected"] = expected }
        return RuleError(reason, column: columns[offset], parameters)
    }

    /// The first characters from the offset on; at the end of the text, the last ones before it.
    private func near(_ offset: Int) -> String {
        let rest = scalars[offset...].drop { $0.properties.isWhitespace }
        var near = String.UnicodeScalarView()
        near.append(contentsOf: rest.isEmpty ? scalars[..<offset].suffix(16) : rest.prefix(16))
        return String(near)
    }
}
