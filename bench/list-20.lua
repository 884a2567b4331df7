-- The first 20 orders of a user.
dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return wrk.format("GET", "/api/v1/order/?limit=20")
end
