import DataExchange
import Testing

@Suite struct WriterTests {
    private func written(_ rows: [[String]], _ options: CSVWriter.Options) throws -> WrittenBytes {
        let bytes = WrittenBytes()
        let writer = CSVWriter(bytes.output(), options: options)
        for row in rows { try writer.row(row) }
        try writer.finish()
        return bytes
    }

    @Test func cellsAreQuotedWhereNeeded() throws {
        let rows = [["a", "b c", "d,e", "f\"g", "h\ni", "j\rk", "", " "]]
        #expect(try written(rows, .init()).text == "a,b c,\"d,e\",\"f\"\"g\",\"h\ni\",\"j\rk\",, \n")
        #expect(try written([[""], ["x"]], .init()).text == "\"\"\nx\n")
        #expect(try written([[""]], .init(byteOrderMark: true)).text == "\u{FEFF}\"\"\n")
    }

    @Test func spreadsheetsGetAMarkAndCRLF() throws {
        let bytes = try written([["姓名"], ["张伟"]], .forSpreadsheets)
        #expect(bytes.bytes == [0xEF, 0xBB, 0xBF] + Array("姓名\r\n张伟\r\n".utf8))
    }

    @Test(arguments: [
        "=1+1", "=HYPERLINK(\"http://x\")", "+1+1", "-1+1", "-", "+", "+cmd|' /C calc'!A0", "-2-3", "@SUM(A1)", "\t=1",
        "\r=1", "\n=1", "＝1", "＋1+1", "－x", "＠x", "+86-138-0013-8000", "-1e", "+ 1", "-.", "+1,2",
    ])
    func formulasGetAnApostrophe(_ text: String) throws {
        let table = try read(written([["a"], [text]], .init()).bytes)
        #expect(table.cells == [["'" + text]])
        #expect(try read(written([["a"], [text]], .init(guardsFormulas: false)).bytes).cells == [[text]])
    }

    @Test(arguments: [
        "-12.5", "+3", "-1e5", "+3E-4", "-.5", "+8613800138000", "+86 138 0013 8000", "1-2", "a=b", "a@b.cn", "", "'=1",
        "～",
    ])
    func plainCellsStayAsTheyAre(_ text: String) throws {
        #expect(try read(written([["a", "b"], [text, "x"]], .init()).bytes).cells == [[text, "x"]])
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var generator = SeededGenerator(test: "whatIsWrittenIsReadBack")
        let alphabet = Array("ab,;\t\"\r\n 张伟😀é'=\\N").map(String.init) + ["\r", "\n", "\u{FEFF}"]
        for _ in 0..<300 {
            let width = Int.random(in: 1...5, using: &generator)
            let header = (0..<width).map { "c\($0)" }
            let rows = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                (0..<width).map { _ in
                    (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                        alphabet.randomElement(using: &generator)!
                    }.joined()
                }
            }
            let options = CSVWriter.Options(
                byteOrderMark: .random(using: &generator), carriageReturns: .random(using: &generator),
                guardsFormulas: false)
            let bytes = try written([header] + rows, options).bytes
            let table = try read(bytes, step: Int.random(in: 1...9, using: &generator))
            #expect(table.codes == [])
            #expect(table.columns == header)
            #expect(table.cells == rows)
        }
    }

    @Test func rejectedRowsAreWrittenAsATable() throws {
        let source = try TableReader(ByteInput(bytes: Array("a,b\n=1\n\"x\"y,2\n".utf8)))
        let bytes = WrittenBytes()
        let rejects = try RejectsWriter(bytes.output())
        while case .rejected(let row) = try source.next() { try rejects.write(row, message: "消息 \(row.line)") }
        try rejects.finish()
        #expect(rejects.count == 2)
        let table = try read(bytes.bytes)
        #expect(table.columns == ["line", "code", "message", "raw"])
        #expect(
            table.cells == [
                ["2", "exchange.row-width", "消息 2", "'=1"], ["3", "exchange.quote-broken", "消息 3", "\"x\"y,2"],
            ])
    }
}
