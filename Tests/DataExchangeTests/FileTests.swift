import DataExchange
import Foundation
import Testing

@Suite struct FileTests {
    /// Calls a function with a folder that is gone afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func aFileIsWrittenAndReadWithProgress() throws {
        try withFolder { folder in
            let path = folder + "/customers.csv"
            let writer = CSVWriter(try ByteOutput(path: path))
            try writer.row(["code", "name"])
            for number in 0..<50_000 { try writer.row([String(number), "客户 \(number)"]) }
            #expect(!FileManager.default.fileExists(atPath: path))
            try writer.finish()
            let table = try TableReader(path: path)
            let size = try #require(table.totalBytes)
            #expect(table.bytesRead < size)
            #expect(try collect(table).cells.count == 50_000)
            #expect(table.bytesRead == size)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["customers.csv"])
        }
    }

    @Test func anUnfinishedFileLeavesTheOldOneAlone() throws {
        try withFolder { folder in
            let path = folder + "/out.csv"
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            do {
                let output = try ByteOutput(path: path)
                try output.write(Array("half".utf8))
                try output.flush()
            }
            #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.csv"])
        }
    }

    @Test func anUnclosedQuoteInAFileGoesBackInTheFile() throws {
        try withFolder { folder in
            let path = folder + "/quote.csv"
            let rows = (0..<300_000).map { "\($0),plain\n" }.joined()
            try Data(("\u{FEFF}a,b\n1,\"open\n" + rows).utf8).write(to: URL(fileURLWithPath: path))
            let table = try collect(TableReader(path: path))
            #expect(table.codes == ["exchange.quote-unterminated"])
            #expect(table.cells.count == 300_000)
        }
    }

    @Test func filesThatCannotBeOpenedAreNamed() throws {
        try withFolder { folder in
            func failure(_ body: () throws(TableError) -> Void) -> TableError? {
                do throws(TableError) { try body() } catch { return error }
                return nil
            }
            let missing = failure { () throws(TableError) in _ = try TableReader(path: folder + "/none.csv") }
            #expect(missing?.code == "exchange.file-missing")
            #expect(missing?.parameters["path"] == folder + "/none.csv")
            let directory = failure { () throws(TableError) in _ = try TableReader(path: folder) }
            #expect(directory?.code == "exchange.file-unreadable")
            let output = failure { () throws(TableError) in _ = try ByteOutput(path: folder + "/no/such/out.csv") }
            #expect(output?.code == "exchange.file-uncreatable")
        }
    }
}
