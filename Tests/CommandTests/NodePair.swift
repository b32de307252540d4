import Causality
import Foundation
import LimnCommands
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Two nodes of one deployment that meet when a test says so.
struct NodePair {
    let branch: WorkingNode
    let laptop: WorkingNode

    init() throws {
        branch = try WorkingNode(name: "branch")
        laptop = try WorkingNode(name: "laptop", isFounded: false)
        let deployment = try #require(try branch.data("identity")["deployment"] as? String)
        try #require(laptop("init", "--name", "laptop", "--author", "Bo Wen", "--deployment", deployment).exitCode == 0)
    }

    /// Makes the two hold the same: the laptop calls the branch.
    func meet() throws {
        let caller = try Node.open(home: laptop.home, author: nil).store
        let answering = try Node.open(home: branch.home, author: nil).store
        let machine = SyncCaller(store: caller, environment: SystemEnvironment(), expected: nil)
        var step = machine.start()
        while true {
            switch step {
            case .finished: return
            case .failed(let error, _): throw error
            case .proceed: preconditionFailure("an answer is given whole")
            case .send(let request): step = answer(request, of: machine, by: answering)
            }
        }
    }

    private func answer(_ request: SyncRequest, of machine: SyncCaller, by store: ProfileStore) -> SyncStep {
        let exchange = SyncResponder(store: store, environment: SystemEnvironment())
            .exchange(request.endpoint, admission: Admission(name: "laptop", node: nil))
        do {
            _ = exchange.receive(try bytes(request.body))
            let response = exchange.finish()
            let body = try bytes(response.body)
            if response.status != 200 { return machine.receive(.refused(status: response.status, body: body)) }
            let next = machine.receive(.piece(body))
            if case .proceed = next { return machine.receive(.end) }
            return next
        } catch {
            return machine.receive(.lost(error))
        }
    }

    private func bytes(_ body: SyncBody) throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .stream(let source):
            var all: [UInt8] = []
            while let part = try source.next() { all += part }
            return all
        }
    }

    /// Lets both nodes edit the city of one customer out of each other's sight, and meet; gives the customer's id.
    func disagree(name: String = "张伟") throws -> String {
        let id = try branch.person("name=\(name)", "city=上海")
        try meet()
        #expect(branch("edit", id, "city=北京").exitCode == 0)
        #expect(laptop("edit", id, "city=广州").exitCode == 0)
        try meet()
        return id
    }
}

extension WorkingNode {
    /// The conflicts as scripts see them.
    func conflicts(_ arguments: String...) throws -> [[String: Any]] {
        let result = run(["conflicts"] + arguments + ["--json"])
        return try #require((result.document()["data"] as? [String: Any])?["conflicts"] as? [[String: Any]], "\(result.error)")
    }
}
