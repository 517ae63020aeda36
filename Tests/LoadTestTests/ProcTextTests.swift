import LoadTest
import Testing

@Suite struct ProcTextTests {
  @Test func `the socket that listens on a port is found, and no other`() {
    let table = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48213 1
         1: 0100007F:1B5A 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48214 1
         2: 0100007F:1B59 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 48215 1
         3: broken
      """
    #expect(ProcText.listeners(on: 7001, in: table) == [48_213])
    #expect(ProcText.listeners(on: 7003, in: table) == [])
  }

  @Test(arguments: [("socket:[48213]", 48_213), ("pipe:[1]", nil), ("socket:[x]", nil), ("", nil)])
  func `links to sockets name their inode`(link: String, inode: UInt64?) {
    #expect(ProcText.socketInode(link) == inode)
  }

  @Test func `CPU time is read behind a name that holds anything`() {
    let stat = "77 (a) b) (c) S 1 77 77 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 9 1 1"
    #expect(ProcText.cpuSeconds(stat) == 3)
    #expect(ProcText.cpuSeconds("77 (x) S 1") == nil)
  }
}
