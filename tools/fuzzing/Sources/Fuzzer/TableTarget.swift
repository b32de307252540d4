import DataExchange
import ProfileModel

/// Tables: however the bytes arrive, the rows are the same, and what was read can be written and read again.
enum TableLaws {
    /// The window over a row, the bytes that are looked at first, the places of 4,096 cells, the converter of the encoding.
    private static let bound = MemoryBound(constant: 768 << 10)

    /// All that a table gives, as text.
    static func contents(_ bytes: [UInt8], step: Int, _ options: TableOptions) throws(TableError) -> (rows: [[String]], text: [String]) {
        var rows: [[String]] = [], text: [String] = []
        let table = try TableReader(ByteInput(bytes: bytes, step: step), options: options)
        while let entry = try table.next() {
            switch entry {
            case .rejected(let row): text.append("\(row.line)-\(row.lastLine) \(row.reason.code) \(row.raw)")
            case .row(let row):
                var cells: [String] = []
                for column in 0..<row.columnCount {
                    cells.append(row.string(column) ?? "")
                    text.append("\(row.line) \(row.kind(column)) \(cells[column]) \(row.list(column) ?? [])")
                }
                rows.append(cells)
            }
        }
        text.append("\(table.columns) \(table.encoding) \(table.format)")
        return (rows, text)
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
        let whole = try contents(bytes, step: .max, options), pieces = try contents(bytes, step: step, options)
        law(whole.text.elementsEqual(pieces.text) { $0.utf8.elementsEqual($1.utf8) }, "a table in pieces is another")
        return whole.rows
    }

    /// Tables are longer than what is read at once only where the input says so: it is repeated then.
    static func text(_ rest: UnsafeRawBufferPointer, isRepeated: Bool) -> [UInt8] {
        guard isRepeated, !rest.isEmpty else { return Array(rest) }
        return (0..<max(2, min(4_000, 300_000 / rest.count))).flatMap { _ in rest }
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
        let isRepeated = choice >= 0xf0
        let rows = try TableLaws.check(TableLaws.text(input.rest, isRepeated: isRepeated), step: isRepeated ? step * 64 : step, options)
        guard let width = rows.first?.count, !isRepeated else { return }
        var written: [UInt8] = []
        let writer = CSVWriter(ByteOutput { written += $0 }, options: CSVWriter.Options(guardsFormulas: false))
        for row in [(0..<width).map { "column \($0)" }] + rows {
            for cell in row { writer.cell(cell) }
            try writer.endRow()
        }
        try writer.finish()
        let again = try TableLaws.contents(written, step: .max, TableOptions(format: .csv, encoding: .utf8, delimiter: UInt8(ascii: ",")))
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
        let isRepeated = choice >= 0xf0
        _ = try TableLaws.check(
            TableLaws.text(input.rest, isRepeated: isRepeated), step: isRepeated ? step * 64 : step, TableOptions(format: format, encoding: .utf8))
    }
}
