import DataExchange
import ProfileModel

/// Tables: however the bytes arrive, the rows are the same, and what was read can be written and read again.
enum TableLaws {
    /// The window over a row, the bytes that are looked at first, the places of 4,096 cells, the converter of the encoding.
    private static let bound = MemoryBound(constant: 768 << 10)

    /// Everything that a table gave, one after the other, as one number: FNV-1a.
    struct Sum: Equatable {
        private var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            value = (value ^ 0x1ff) &* 0x0000_0100_0000_01b3
        }

        mutating func add(_ number: Int) { for shift in [0, 8, 16, 24] { add(CollectionOfOne(UInt8(truncatingIfNeeded: number >> shift))) } }
    }

    /// All that a table gives.
    ///
    /// - Parameter keepsRows: whether the texts of the cells are kept.
    static func contents(
        _ bytes: [UInt8], step: Int, _ options: TableOptions, keepsRows: Bool = false
    ) throws(TableError) -> (rows: [[String]], sum: Sum) {
        var rows: [[String]] = [], sum = Sum()
        let table = try TableReader(ByteInput(bytes: bytes, step: step), options: options)
        while let entry = try table.next() {
            switch entry {
            case .rejected(let row):
                for number in [row.line, row.lastLine] { sum.add(number) }
                for text in [row.reason.code, row.raw] { sum.add(text.utf8) }
            case .row(let row):
                sum.add(row.line)
                for column in 0..<row.columnCount {
                    sum.add(Int(row.kind(column).rawValue))
                    sum.add(row.bytes(column))
                    for element in row.list(column) ?? [] { sum.add(element.utf8) }
                }
                if keepsRows { rows.append((0..<row.columnCount).map { row.string($0) ?? "" }) }
            }
        }
        for text in table.columns + [table.encoding.rawValue, table.format.rawValue] { sum.add(text.utf8) }
        return (rows, sum)
    }

    /// Reads without keeping anything.
    static func pass(_ bytes: [UInt8], _ options: TableOptions) throws {
        try bound.measure(inputBytes: bytes.count) {
            let table = try TableReader(ByteInput(bytes: bytes), options: options)
            while let entry = try table.next() { if case .row(let row) = entry { _ = row.bytes(0) } }
        }
    }

    static func check(_ bytes: [UInt8], step: Int, _ options: TableOptions) throws -> [[String]] {
        try pass(bytes, options)
        let whole = try contents(bytes, step: .max, options, keepsRows: step < 512), pieces = try contents(bytes, step: step, options)
        law(whole.sum == pieces.sum, "a table in pieces is another")
        return whole.rows
    }

    /// Tables are longer than what is read at once only where the input says so: it is repeated then.
    static func text(_ rest: UnsafeRawBufferPointer, isRepeated: Bool) -> [UInt8] {
        guard isRepeated, !rest.isEmpty else { return Array(rest) }
        return (0..<max(2, min(2_000, 140_000 / rest.count))).flatMap { _ in rest }
    }
}

/// CSV, in every encoding and with every delimiter.
enum CSVTarget: FuzzTarget {
    static let name = "csv"
    static let inputBytesMaximum = 1 << 14

    private static let encodings: [TextEncoding?] = [nil, nil, .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .gb18030, nil]
    private static let delimiters: [UInt8?] = [nil, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    static func seeds() throws -> [[UInt8]] {
        let tables = [
            "external_id,name,phone,city\n1,张伟,13800138000,上海\n2,\"李, 娜\",\"说 \"\"好\"\"\",北京\r\n3,\"两\n行\",,\n",
            "编号;名称\n1;甲\n2;乙;多\n\n3\n", "a\tb\n\"never closed\t1\n2\t3\n", "\u{feff}name\r\"x\"y\r\u{0}\r'=1+1\r", "name\n\"\"\n\n",
        ]
        let utf16 = "name,city\n张伟,上海\n".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return tables.flatMap { table in [[0, 3], [128, 60]].map { $0 + Array(table.utf8) } }
            + [[4, 1, 0xff, 0xfe] + utf16, [6, 5] + [0xd0, 0xd5, 0xc3, 0xfb, 0x0a, 0xd5, 0xc5, 0xce, 0xb0, 0x0a, 0x81, 0x30, 0x0a]]
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        let choice = input.byte(), step = 1 + Int(input.byte())
        let options = TableOptions(format: .csv, encoding: encodings[Int(choice & 7)], delimiter: delimiters[Int(choice >> 3 & 3)])
        let isRepeated = choice >= 0xfc
        let rows = try TableLaws.check(TableLaws.text(input.rest, isRepeated: isRepeated), step: isRepeated ? step * 512 : step, options)
        guard let width = rows.first?.count, !isRepeated else { return }
        var written: [UInt8] = []
        let writer = CSVWriter(ByteOutput { written += $0 }, options: CSVWriter.Options(guardsFormulas: false))
        for row in [(0..<width).map { "column \($0)" }] + rows {
            for cell in row { writer.cell(cell) }
            try writer.endRow()
        }
        try writer.finish()
        let again = try TableLaws.contents(written, step: .max, TableOptions(format: .csv, encoding: .utf8, delimiter: UInt8(ascii: ",")), keepsRows: true)
        law(again.rows == rows, "rows that were written are read as others: \(rows) \(again.rows)")
    }
}

/// JSON lines and files of one array.
enum JSONLinesTarget: FuzzTarget {
    static let name = "jsonl"
    static let inputBytesMaximum = 1 << 14

    static func seeds() throws -> [[UInt8]] {
        let tables = [
            #"{"external_id":"1","name":"张伟","revenue":1.5e6,"vip":true,"tags":["a","b",3],"none":null}"# + "\n" + #"{"name":"\u5f20\ud83d\ude00\n\"","x":{"y":[1,{}]}}"#,
            #"[{"a":"1"},{"b":-0.5,"a":null},{"a":[]}]"#, "{\"a\":1}\r\n{\"a\":\n\n{\"a\":1,\"a\":2}\n[1]\n", #"[{"a":"\ud800"},{"a":tru},{"b":1]"#,
        ]
        return tables.flatMap { table in [[0, 3], [1, 60], [2, 0]].map { $0 + Array(table.utf8) } }
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        let choice = input.byte(), step = 1 + Int(input.byte())
        let format: TableFormat? = switch choice & 3 { case 0: .jsonLines; case 1: .jsonArray; default: nil }
        let isRepeated = choice >= 0xfc
        _ = try TableLaws.check(
            TableLaws.text(input.rest, isRepeated: isRepeated), step: isRepeated ? step * 512 : step, TableOptions(format: format, encoding: .utf8))
    }
}
