// The peer: C++ protobuf doing the same work on the same inputs as Sarai's codec-bench.
//
//   peer convert MESSAGE JSON-FILE PROTOBUF-FILE
//   peer OPERATION MESSAGE PROTOBUF-FILE (milliseconds N | operations N)
//
// The second form prints one line: operations, nanoseconds by the clock, nanoseconds of CPU, the
// checksum of one operation, bytes of the encoded message. Decoding includes the object's
// destruction and reads every field (the checksum); both programs must print the same checksum.
#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "bench.pb.h"

using namespace sarai::bench::v1;

// Reads every field the cheap way: numbers as they are, texts by their length.
struct Sum {
  uint64_t value = 0;
  void number(int field, uint64_t number) { value += field * number; }
  void text(int field, const std::string& text) { value += field * text.size(); }
};

// Reads every byte: the proof, outside of the timing, that both sides decode the same content.
struct Hash {
  uint64_t value = 14695981039346656037u;
  void byte(uint8_t byte) { value = (value ^ byte) * 1099511628211u; }
  void number(int field, uint64_t number) {
    byte(field);
    for (int shift = 0; shift < 64; shift += 8) byte(number >> shift);
  }
  void text(int field, const std::string& text) {
    number(field, text.size());
    for (char character : text) byte(character);
  }
};

template <class Reader>
void read(const Transfer& transfer, Reader& reader) {
  reader.text(1, transfer.id());
  reader.number(2, transfer.debit_account());
  reader.number(3, transfer.credit_account());
  reader.number(4, transfer.amount_minor());
  reader.number(5, transfer.ledger());
  reader.number(6, transfer.code());
  reader.number(7, transfer.flags());
  reader.number(8, transfer.created_at_micros());
  reader.text(9, transfer.reference());
}

template <class Reader>
void read(const Money& money, Reader& reader) {
  reader.text(1, money.currency());
  reader.number(2, money.minor_units());
}

template <class Reader>
void read(const Product& product, Reader& reader) {
  reader.text(1, product.id());
  reader.text(2, product.store_id());
  reader.text(3, product.sku());
  reader.text(4, product.title());
  reader.text(5, product.description());
  reader.number(6, product.category());
  if (product.has_price()) read(product.price(), reader);
  for (const PriceTier& tier : product.price_tiers()) {
    reader.number(1, tier.quantity_min());
    if (tier.has_unit_price()) read(tier.unit_price(), reader);
  }
  if (product.has_dimensions()) {
    const Dimensions& dimensions = product.dimensions();
    reader.number(1, dimensions.length_mm());
    reader.number(2, dimensions.width_mm());
    reader.number(3, dimensions.height_mm());
    reader.number(4, dimensions.weight_grams());
  }
  if (product.has_stock()) {
    const Stock& stock = product.stock();
    reader.number(1, stock.on_hand());
    reader.number(2, stock.reserved());
    reader.number(3, stock.backorder());
  }
  for (const std::string& tag : product.tags()) reader.text(11, tag);
  if (product.has_hs_code()) reader.text(12, product.hs_code());
  if (product.has_updated_at()) {
    reader.number(1, product.updated_at().seconds());
    reader.number(2, product.updated_at().nanos());
  }
  reader.text(14, product.picture_digest());
  reader.number(15, product.published());
}

template <class Reader>
void read(const ProductPage& page, Reader& reader) {
  for (const Product& product : page.products()) read(product, reader);
  reader.text(2, page.next_page_token());
  reader.number(3, page.total_count());
}

template <class Reader, class Message>
uint64_t reading(const Message& message) {
  Reader reader;
  read(message, reader);
  return reader.value;
}

uint64_t nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000u + time.tv_nsec;
}

[[noreturn]] void fail(const std::string& reason) {
  std::cerr << "peer: " << reason << "\n";
  std::exit(2);
}

// How long to go on: for some time, or for a number of operations (to count what they allocate).
struct Limit {
  uint64_t milliseconds = 0;
  uint64_t operations = 0;
};

// Repeats `operation`, which returns its checksum, and prints the line of results.
template <class Operation>
void measure(Limit limit, size_t encoded_bytes, Operation operation) {
  uint64_t checksum = 0, operations = 0, batch = 1;
  if (limit.operations > 0) {
    while (operations < limit.operations) checksum = operation(), operations++;
    printf("%lu 0 0 %lu %zu\n", operations, checksum, encoded_bytes);
    return;
  }
  // A tenth of the time warms up, and finds how many operations fit between two looks at the clock.
  uint64_t begin = nanoseconds(CLOCK_MONOTONIC), warm = limit.milliseconds * 100000;
  while (true) {
    uint64_t batch_begin = nanoseconds(CLOCK_MONOTONIC);
    for (uint64_t i = 0; i < batch; i++) checksum = operation();
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (now - batch_begin < 500000) batch *= 2;
    if (now - begin > warm) break;
  }
  uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  uint64_t end = wall + limit.milliseconds * 1000000, now;
  do {
    for (uint64_t i = 0; i < batch; i++) {
      if (uint64_t(operation()) != checksum) fail("an operation differs from the one before it");
    }
    operations += batch;
    now = nanoseconds(CLOCK_MONOTONIC);
  } while (now < end);
  printf("%lu %lu %lu %lu %zu\n", operations, now - wall,
         nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, checksum, encoded_bytes);
}

template <class Message>
void run(const std::string& operation, const std::string& bytes, Limit limit) {
  Message message;
  if (!message.ParseFromString(bytes)) fail("the input is not a message");
  auto parse = [&](Message& into) {
    if (!into.ParseFromArray(bytes.data(), bytes.size())) fail("refused");
    return reading<Sum>(into);
  };
  if (operation == "hash") {
    measure(limit, bytes.size(), [&] { return reading<Hash>(message); });
  } else if (operation == "decode") {
    measure(limit, bytes.size(), [&] {
      Message fresh;
      return parse(fresh);
    });
  } else if (operation == "decode-reused") {
    Message reused;
    measure(limit, bytes.size(), [&] { return parse(reused); });
  } else if (operation == "decode-arena") {
    std::vector<char> block(256 << 10);
    measure(limit, bytes.size(), [&] {
      google::protobuf::Arena arena(block.data(), block.size());
      return parse(*google::protobuf::Arena::CreateMessage<Message>(&arena));
    });
  } else if (operation == "encode") {
    std::vector<uint8_t> buffer;
    measure(limit, bytes.size(), [&] {
      size_t size = message.ByteSizeLong();
      if (buffer.size() < size) buffer.resize(size);
      return message.SerializeWithCachedSizesToArray(buffer.data()) - buffer.data();
    });
  } else if (operation == "encode-new") {
    measure(limit, bytes.size(), [&] { return message.SerializeAsString().size(); });
  } else if (operation == "decode-json" || operation == "encode-json") {
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) fail("cannot write JSON");
    if (operation == "decode-json") {
      measure(limit, json.size(), [&] {
        Message fresh;
        if (!google::protobuf::util::JsonStringToMessage(json, &fresh).ok()) fail("refused");
        return reading<Sum>(fresh);
      });
    } else {
      measure(limit, json.size(), [&] {
        std::string text;
        if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) fail("refused");
        return text.size();
      });
    }
  } else {
    fail("no operation " + operation);
  }
}

template <class Message>
void convert(const std::string& json, const char* path) {
  Message message;
  auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (!status.ok()) fail(status.ToString());
  std::ofstream file(path, std::ios::binary);
  message.SerializeToOstream(&file);
}

std::string content(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int main(int count, char** arguments) {
  if (count < 5) fail("usage: peer OPERATION MESSAGE FILE (milliseconds|operations) N");
  std::string operation = arguments[1], name = arguments[2], bytes = content(arguments[3]);
  if (operation == "convert") {
    if (name == "transfer") convert<Transfer>(bytes, arguments[4]);
    if (name == "product") convert<Product>(bytes, arguments[4]);
    if (name == "page") convert<ProductPage>(bytes, arguments[4]);
    return 0;
  }
  if (count != 6) fail("usage: peer OPERATION MESSAGE FILE (milliseconds|operations) N");
  Limit limit;
  uint64_t number = std::strtoull(arguments[5], nullptr, 10);
  (std::string(arguments[4]) == "operations" ? limit.operations : limit.milliseconds) = number;
  if (name == "transfer") run<Transfer>(operation, bytes, limit);
  if (name == "product") run<Product>(operation, bytes, limit);
  if (name == "page") run<ProductPage>(operation, bytes, limit);
}
