-- Sends the requests of a file (lines of method, path and body, parted by tabs) over and over, from a place of its own.
-- With REST each connection rests before every request: seconds on average, exponentially distributed. It never rests so
-- long that a server gives it up (uvicorn does after five seconds).

local requests, place = {}, 0
local LONGEST_REST = 4
local rest = tonumber(os.getenv("REST") or "0")

function init(args)
  math.randomseed(7)
  local key = os.getenv("KEY") or ""
  local headers = {["content-type"] = "application/json", ["authorization"] = key ~= "" and "Bearer " .. key or nil}
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

if rest > 0 then
  function delay()
    return math.floor(math.min(-math.log(1 - math.random()) * rest, LONGEST_REST) * 1000)
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\n', summary.requests,
    summary.duration / 1e6, failed, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
