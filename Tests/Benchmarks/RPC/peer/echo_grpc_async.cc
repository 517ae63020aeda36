// gRPC C++ at its best for one core: the asynchronous API, one completion queue, one thread.
//
// echo_grpc_async [--port N]   prints `listening on 127.0.0.1:PORT` and serves until killed.

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "echo.grpc.pb.h"

using sarai::bench::v1::EchoMessage;
using sarai::bench::v1::EchoService;
using sarai::bench::v1::StreamRequest;

namespace {

// As many calls as may arrive at once find somebody waiting for them.
constexpr int kWaitingCalls = 256;

// One call: the tag of its events in the completion queue.
class Call {
 public:
  virtual ~Call() = default;
  virtual void Proceed(bool ok) = 0;
};

class EchoCall final : public Call {
 public:
  EchoCall(EchoService::AsyncService* service, grpc::ServerCompletionQueue* queue)
      : service_(service), queue_(queue), responder_(&context_) {
    service_->RequestEcho(&context_, &message_, &responder_, queue_, queue_, this);
  }

  void Proceed(bool ok) override {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    new EchoCall(service_, queue_);
    finished_ = true;
    responder_.Finish(message_, grpc::Status::OK, this);
  }

 private:
  EchoService::AsyncService* service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  EchoMessage message_;
  grpc::ServerAsyncResponseWriter<EchoMessage> responder_;
  bool finished_ = false;
};

class StreamCall final : public Call {
 public:
  StreamCall(EchoService::AsyncService* service, grpc::ServerCompletionQueue* queue)
      : service_(service), queue_(queue), writer_(&context_) {
    service_->RequestStream(&context_, &request_, &writer_, queue_, queue_, this);
  }

  void Proceed(bool ok) override {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    if (!started_) {
      started_ = true;
      new StreamCall(service_, queue_);
      left_ = request_.count();
      message_.set_payload(request_.payload());
    }
    if (left_ > 0) {
      left_--;
      writer_.Write(message_, this);
    } else {
      finished_ = true;
      writer_.Finish(grpc::Status::OK, this);
    }
  }

 private:
  EchoService::AsyncService* service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  StreamRequest request_;
  EchoMessage message_;
  grpc::ServerAsyncWriter<EchoMessage> writer_;
  int left_ = 0;
  bool started_ = false, finished_ = false;
};

}  // namespace

int main(int count, char** arguments) {
  int port = 0;
  for (int i = 1; i + 1 < count; i += 2) {
    if (!std::strcmp(arguments[i], "--port")) port = std::atoi(arguments[i + 1]);
  }
  EchoService::AsyncService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                           grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto queue = builder.AddCompletionQueue();
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);

  for (int i = 0; i < kWaitingCalls; i++) {
    new EchoCall(&service, queue.get());
    new StreamCall(&service, queue.get());
  }
  void* tag;
  bool ok;
  while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->Proceed(ok);
}
