import DataExchange
import Testing

@Suite struct LimitTests {
    private func text(_ pieces: [UInt8]...) -> [UInt8] { pieces.flatMap { $0 } }
    private func letters(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "x"), count: count) }

    @Test(arguments: [false, true])
    func aCellOf10MBRejectsItsRow(_ quoted: Bool) throws {
        let quote = quoted ? Array("\"".utf8) : []
        let bytes = text(
            Array("a,b\n1,".utf8), quote, letters(10_000_000), quote, Array("\n2,3\n".utf8))
        for table in [try read(bytes, step: 4_096), try readPipe(bytes)] {
            #expect(table.codes == ["exchange.cell-too-large"])
            #expect(table.rows.last == .row(line: 3, ["2", "3"]))
            if case .rejected(2, 2, _, let raw) = table.rows[0] {
                #expect(raw.utf8.count == TableLimits.rawTextBytes)
            } else {
                Issue.record("the large row is not on line 2")
            }
        }
    }

    @Test func theLimitOfACellIsExact() throws {
        for quote in ["", "\""] {
            let mark = Array(quote.utf8)
            let fits = text(Array("a\n".utf8), mark, letters(TableLimits.cellBytes), mark, Array("\n1\n".utf8))
            #expect(try read(fits).rows.count == 2)
            #expect(try read(fits).codes == [])
            let over = text(Array("a\n".utf8), mark, letters(TableLimits.cellBytes + 1), mark, Array("\n1\n".utf8))
            #expect(try read(over).codes == ["exchange.cell-too-large"])
            #expect(try read(over).cells == [["1"]])
        }
    }

    @Test func aRowOfManyLargeCellsIsRejected() throws {
        let names = (0..<12).map { "c\($0)" }.joined(separator: ",")
        let row = Array(repeating: String(repeating: "y", count: 500_000), count: 12).joined(separator: ",")
        let next = Array(repeating: "1", count: 12).joined(separator: ",")
        let table = try read("\(names)\n\(row)\n\(next)\n")
        #expect(table.codes == ["exchange.row-too-large"])
        #expect(table.cells.count == 1)
    }

    @Test func manyQuotedLinesBeyondTheLimitAreOneRow() throws {
        let lines = String(repeating: "a line\r\n", count: 1_000_000)
        let table = try read("a,b\n1,\"\(lines)\"\n2,3\n")
        #expect(table.codes == ["exchange.cell-too-large"])
        #expect(table.rows.last == .row(line: 1_000_003, ["2", "3"]))
    }

    @Test func anUnclosedQuoteInALargeFileCostsOneRow() throws {
        var file = "a,b\n1,\"open\n"
        for number in 0..<500_000 { file += "\(number),plain\n" }
        let table = try read(Array(file.utf8))
        #expect(table.codes == ["exchange.quote-unterminated"])
        #expect(table.cells.count == 500_000)
        #expect(table.rows.last == .row(line: 500_002, ["499999", "plain"]))

        let piped = try readPipe(Array(file.utf8))
        #expect(piped.rows.count == 1)
        #expect(piped.codes == ["exchange.quote-unterminated"])
    }

    @Test func anUnclosedQuoteThatAFarCellClosesCostsOneRow() throws {
        var file = "a,b\n1,\"open\n"
        for number in 0..<300_000 { file += "\(number),plain\n" }
        file += "x,\"quoted\"\nlast,1\n"
        let table = try read(Array(file.utf8))
        #expect(table.codes == ["exchange.quote-broken"])
        #expect(table.cells.count == 300_002)
        let piped = try readPipe(Array(file.utf8))
        #expect(piped.cells == [["last", "1"]])
    }

    @Test func aTableHas4096ColumnsAtMost() throws {
        let names = (0..<TableLimits.columns).map { "c\($0)" }
        #expect(try read(names.joined(separator: ",") + "\n").columns == names)
        #expect(throws: TableError.self) { try read((names + ["more"]).joined(separator: ",") + "\n") }

        let objects = names.map { "{\"\($0)\":1}\n" }.joined() + "{\"more\":1}\n{\"c0\":2}\n"
        let table = try read(objects)
        #expect(table.codes == ["exchange.too-many-columns"])
        #expect(table.rows.count == TableLimits.columns + 2)
        #expect(table.columns == names)
    }

    @Test func aLargeJSONRowIsSkipped() throws {
        let large = String(repeating: "x", count: 10_000_000)
        let lines = try read("{\"a\":1}\n{\"a\":\"\(large)\"}\n{\"a\":2}\n")
        #expect(lines.codes == ["exchange.row-too-large"])
        #expect(lines.cells == [["1"], ["2"]])
        let array = try read("[{\"a\":1},\n{\"a\":\"\(large)\"},\n{\"a\":2}]")
        #expect(array.codes == ["exchange.row-too-large"])
        #expect(array.cells == [["1"], ["2"]])
        let cell = String(repeating: "x", count: TableLimits.cellBytes)
        #expect(try read("{\"a\":\"\(cell)\"}").codes == [])
        #expect(try read("{\"a\":\"\(cell)x\"}").codes == ["exchange.cell-too-large"])
    }

    /// The room that a reader offers to its input shows how much it holds.
    @Test func theWindowStaysSmall() throws {
        let row = Array("1,\"some text, with a comma\",2\n".utf8)
        let plain = Array(repeating: row, count: 2_000).flatMap { $0 }
        let quoted = letters(600_000)
        for (start, chunk, bound) in [("", plain, 1 << 20), ("\"", quoted, 2 * TableLimits.rowBytes)] {
            var waiting = ArraySlice(("a,b,c\n" + start).utf8)
            var chunks = 0
            var largest = 0
            let input = ByteInput(name: "-") { buffer in
                largest = max(largest, buffer.count)
                if waiting.isEmpty && chunks < 100 {
                    waiting = chunk[...]
                    chunks += 1
                }
                let count = min(waiting.count, buffer.count)
                buffer.copyBytes(from: waiting.prefix(count))
                waiting = waiting.dropFirst(count)
                return count
            }
            let table = try collect(TableReader(input))
            #expect(table.rows.count == (start.isEmpty ? 200_000 : 1))
            #expect(largest <= bound)
        }
    }
}
