-- Posts the lines of a file in turn; prints answers per second, microseconds to half and to 99 % of them, and failures.
local requests = {}
local sent = 0

function init(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, { ["content-type"] = "application/json" }, line)
  end
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local rate = summary.requests / summary.duration * 1e6
  io.write(string.format("measured %.2f %d %d %d\n", rate, latency:percentile(50), latency:percentile(99), failed))
end
