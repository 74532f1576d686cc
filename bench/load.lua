-- One call, sent again and again by wrk; what came of it as JSON. The environment says which call.
local body = assert(io.open(os.getenv("BENCH_BODY"))):read("*a")

wrk.method = "POST"
wrk.body = body
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "*/*"
wrk.headers["Accept-Encoding"] = "gzip, deflate"
wrk.headers["User-Agent"] = "gl-python/3.11.7 grpc/1.74.0 gax/2.44.0 gapic/3.47.0 gccl/3.47.0"
wrk.headers["X-Goog-API-Client"] = "gl-python/3.11.7 grpc/1.74.0 gax/2.44.0 gapic/3.47.0 gccl/3.47.0"

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"calls": %d, "microseconds": %d, "failed": %d, "p50_microseconds": %f, "p99_microseconds": %f}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
