import DataExchange
import Testing

@Suite struct DelimitedTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["1", "2"]]),
        ("a,b\r\n1,2\r\n3,4", [["1", "2"], ["3", "4"]]),
        ("a,b\r1,2\r\r3,4\r", [["1", "2"], ["3", "4"]]),
        ("a,b\n1,\n", [["1", ""]]),
        ("a,b\n1,", [["1", ""]]),
        ("a,b\n,\n", [["", ""]]),
        ("a,b\n\"1\",\"\"\n", [["1", ""]]),
        ("a,b\n\"x,y\",\"p\"\"q\"\n", [["x,y", "p\"q"]]),
        ("a,b\n\"\"\"\",\"\"\"\"\"\"\n", [["\"", "\"\""]]),
        ("a,b\n\"l1\nl2\",\"l1\r\nl2\"\n", [["l1\nl2", "l1\r\nl2"]]),
        ("a,b\n1\"2,3 \"4\"\n", [["1\"2", "3 \"4\""]]),
        ("a,b\n 1 ,\\N\n", [[" 1 ", "\\N"]]),
        ("\n\n a ,\"b\"\n\n1,2\n\n", [["1", "2"]]),
        ("a\n\"\"\n\n1\n", [[""], ["1"]]),
        ("a;b\n1;2,5\n", [["1", "2,5"]]),
        ("a\tb\n1\t2;3\n", [["1", "2;3"]]),
        ("\"a\n,,,\";b\n1;2\n", [["1", "2"]]),
    ])
    func readsCells(_ text: String, _ expected: [[String]]) throws {
        let table = try read(text)
        #expect(table.cells == expected)
        #expect(table.codes == [])
    }

    @Test func tellsTheLineARowStartsOn() throws {
        let table = try read("a,b\r\n1,\"x\r\ny\nz\"\r\n\r\n2,3\n4\n5,6")
        #expect(
            table.rows == [
                .row(line: 2, ["1", "x\r\ny\nz"]), .row(line: 6, ["2", "3"]),
                .rejected(line: 7, lastLine: 7, code: "exchange.row-width", raw: "4"), .row(line: 8, ["5", "6"]),
            ])
    }

    @Test func aRaggedRowCostsNoOther() throws {
        let table = try read("a,b\n1\n1,2,3\n1,2\n")
        #expect(table.codes == ["exchange.row-width", "exchange.row-width"])
        #expect(table.cells == [["1", "2"]])
    }

    @Test func textBehindAClosingQuoteRejectsTheLineAlone() throws {
        let table = try read("a,b\n\"x\"y,1\n2,3\n")
        #expect(
            table.rows == [
                .rejected(line: 2, lastLine: 2, code: "exchange.quote-broken", raw: "\"x\"y,1"),
                .row(line: 3, ["2", "3"]),
            ])
    }

    @Test func aQuoteThatIsClosedByALaterCellRejectsItsOwnLineAlone() throws {
        let table = try read("a,b\n1,\"open\r\n2,\"x\"\n3,4\n")
        #expect(
            table.rows == [
                .rejected(line: 2, lastLine: 2, code: "exchange.quote-broken", raw: "1,\"open"),
                .row(line: 3, ["2", "x"]), .row(line: 4, ["3", "4"]),
            ])
    }

    @Test func aQuoteThatIsNeverClosedRejectsItsOwnLineAlone() throws {
        let table = try read("a,b\n1,\"open\n2,3\n4,5")
        #expect(
            table.rows == [
                .rejected(line: 2, lastLine: 2, code: "exchange.quote-unterminated", raw: "1,\"open"),
                .row(line: 3, ["2", "3"]), .row(line: 4, ["4", "5"]),
            ])
        #expect(try read("a,b\n1,\"open").codes == ["exchange.quote-unterminated"])
        #expect(try read("a,b\n1,\"").codes == ["exchange.quote-unterminated"])
    }

    @Test func aNULRejectsItsRow() throws {
        let table = try read("a,b\n1,\0\n\"\0\",2\n3,4\n")
        #expect(table.codes == ["exchange.nul-byte", "exchange.nul-byte"])
        #expect(table.cells == [["3", "4"]])
        #expect(table.rows[0] == .rejected(line: 2, lastLine: 2, code: "exchange.nul-byte", raw: "1,\u{FFFD}"))
    }

    @Test func headersAreTrimmedAndChecked() throws {
        #expect(try read("\u{FEFF} 姓名\u{3000},\" b \"\n").columns == ["姓名", "b"])
        func code(_ text: String) -> String? {
            do throws(TableError) { _ = try read(text) } catch { return error.code }
            return nil
        }
        #expect(code("a,b, a\n") == "exchange.header-duplicate")
        #expect(code("a,,b\n") == "exchange.header-empty")
        #expect(code("") == "exchange.table-empty")
        #expect(code("\n\r\n") == "exchange.table-empty")
        #expect(code("a,\"b\n1,2\n") == "exchange.header-unreadable")
        #expect(code("PK\u{3}\u{4}whatever") == "exchange.format-unsupported")
    }

    @Test func canonicallyEquivalentNamesAreDifferentColumns() throws {
        #expect(try read("\u{E9},e\u{301}\n1,2\n").cells == [["1", "2"]])
    }

    @Test func optionsOverrideWhatIsFound() throws {
        let options = TableOptions(format: .csv, delimiter: UInt8(ascii: "|"))
        #expect(try read("a,b|{\n1|2\n", options: options).columns == ["a,b", "{"])
    }

    @Test func everyPlaceToStopGivesTheSameRows() throws {
        let text = """
            a,b,c\r\n1,"x ""y""\r\nz",3\r\n\r\n"","",\r4,5\n"p"q,1,2\n世界,"你\n好",\u{1F600}\n\
            7,"8\n9,"10",11\n12,\u{0},14\n"15","16","17"\r\n18,"19\r\n20,21,22\r\n
            """
        let bytes = Array(text.utf8) + [0xFF, 0x2C, 0x2C, 0x0A]
        let whole = try read(bytes)
        #expect(whole.codes.count == 6)
        for step in [1, 2, 3, 5, 7] { #expect(try read(bytes, step: step) == whole) }
        for length in 6..<bytes.count {
            let part = Array(bytes[..<length])
            #expect(try read(part, step: 1) == read(part))
        }
    }
}
