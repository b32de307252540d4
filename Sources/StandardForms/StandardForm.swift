public import ProfileModel

/// The standard form of a field's values: texts as people and spreadsheets write them are read into canonical bytes, so
/// that equal facts are equal bytes on every replica.
///
/// White space around a value never counts. A value that has no standard form is a `FormProblem`, never a guess. Make one
/// form a column and use it for all rows: making it costs more than reading a value.
public struct StandardForm: Sendable {
    let type: FieldType
    /// In Unicode scalars.
    let maximumLength: Int
    /// Whether line breaks and runs of spaces are part of the value, as in a note.
    let keepsLines: Bool
    let writesCapitals: Bool
    let scheme: CodeScheme?
    let range: ClosedRange<Int64>?
    let choices: ChoiceLabels
    /// The last date allowed, as `YYYY-MM-DD`; empty where any is.
    let lastDate: [UInt8]
    let spreadsheetDates: SpreadsheetDates
    private let fieldName: String
    private let rules: [FieldRule]

    /// Texts that may be longer than this keep their lines.
    private static let longestSingleLine = 1000

    /// Prepares the reading of a field's values.
    ///
    /// - Parameters:
    ///   - now: microseconds since 1970-01-01 UTC, for fields whose dates cannot be in the future; a date that has begun
    ///     anywhere on earth is not.
    ///   - spreadsheetDates: how the numbers of days are counted that stand where a date is due.
    public init(of field: Field, now: Int64, spreadsheetDates: SpreadsheetDates = .since1900) {
        self.spreadsheetDates = spreadsheetDates
        type = field.type
        fieldName = field.name
        rules = field.rules
        var maximumLength = Int.max, writesCapitals = false, scheme: CodeScheme?, range: ClosedRange<Int64>?, lastDate: [UInt8] = []
        var choices: [FieldRule.Choice] = []
        for rule in field.rules {
            switch rule {
            case .maximumLength(let limit): maximumLength = limit
            case .range(let low, let high): range = low <= high ? low...high : nil
            case .choices(let listed): choices = listed
            case .capitals: writesCapitals = true
            case .residentIdentity: scheme = .residentIdentity
            case .creditCode: scheme = .creditCode
            case .notInFuture: lastDate = Array(Timestamp.dateText(microseconds: now + 14 * 3_600_000_000).utf8)
            }
        }
        self.maximumLength = maximumLength
        self.writesCapitals = writesCapitals
        self.scheme = scheme
        self.range = range
        self.lastDate = lastDate
        self.choices = ChoiceLabels(choices)
        keepsLines = field.type == .text && maximumLength > StandardForm.longestSingleLine
    }

    /// Reads a text into a value.
    public static func read(_ raw: String, field: Field, now: Int64) -> Result<FieldValue, FormProblem> {
        var raw = raw
        return raw.withUTF8 { read(bytes: $0, field: field, now: now) }.map { bytes in
            guard let value = FieldValue(bytes: bytes) else { preconditionFailure("forms are canonical bytes") }
            return value
        }
    }

    /// Reads UTF-8 into canonical bytes (see `FieldValue.bytes`).
    public static func read(bytes: UnsafeBufferPointer<UInt8>, field: Field, now: Int64) -> Result<[UInt8], FormProblem> {
        StandardForm(of: field, now: now).read(bytes)
    }

    /// Reads UTF-8 into canonical bytes (see `FieldValue.bytes`).
    public func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<[UInt8], FormProblem> {
        var form: [UInt8] = []
        form.reserveCapacity(bytes.count + 1)
        do {
            try append(bytes, to: &form)
            return .success(form)
        } catch {
            return .failure(error)
        }
    }

    /// Reads a text into canonical bytes.
    public func read(_ raw: String) -> Result<[UInt8], FormProblem> {
        var raw = raw
        return raw.withUTF8 { read($0) }
    }

    /// Reads UTF-8 and appends its canonical bytes to `output`, which is left as it was where there is a problem.
    ///
    /// - Complexity: linear; one scan and no allocation for a plain ASCII text.
    /// - Throws: every code of `FormProblem.Reason`.
    public func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) throws(FormProblem) {
        let start = output.count
        output.append(type.tag.rawValue)
        do throws(FormProblem.Reason) {
            try write(bytes, to: &output)
            if output.count == start + 1 { throw FormProblem.Reason.empty }
        } catch {
            output.removeSubrange(start...)
            throw FormProblem(error, field: fieldName, rules: rules)
        }
    }

    private func write(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let trimmed = bytes.trimmingWhiteSpace()
        if trimmed.isEmpty { throw .empty }
        if type == .text { return try appendText(trimmed, to: &output) }
        if type == .region { return try appendRegion(trimmed, to: &output) }
        if trimmed.isASCII { return try writeNarrow(trimmed, to: &output) }
        try NarrowText.fold(trimmed).withUnsafeBufferPointer { folded throws(FormProblem.Reason) in
            if folded.isEmpty { throw .empty }
            try writeNarrow(folded, to: &output)
        }
    }

    /// Writes the payload of a type that knows no full-width characters.
    private func writeNarrow(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) throws(FormProblem.Reason) {
        switch type {
        case .text: try appendText(bytes, to: &output)
        case .region: try appendRegion(bytes, to: &output)
        case .integer: try appendInteger(bytes, to: &output)
        case .decimal: try appendDecimal(bytes, to: &output)
        case .money: try appendMoney(bytes, to: &output)
        case .date: try appendDate(bytes, to: &output)
        case .time: try appendTime(bytes, to: &output)
        case .boolean: output.append(try readBoolean(bytes) ? 1 : 0)
        case .phone: try appendPhone(bytes, to: &output)
        case .email: try appendEmail(bytes, to: &output)
        case .url: try appendURL(bytes, to: &output)
        case .choice: try appendChoice(bytes, to: &output)
        case .industry: try appendIndustry(bytes, to: &output)
        case .code: try appendCode(bytes, to: &output)
        }
    }
}
