-- Trainer's jobs: `Complete` and `Failed` end them, `Suspended` is Kueue's or a person's doing.
local hs = {status = "Progressing", message = "running"}
if obj.status == nil or obj.status.conditions == nil then
  hs.message = "waiting for a status"
  return hs
end
local found = {}
for _, condition in ipairs(obj.status.conditions) do
  if condition.status == "True" then
    found[condition.type] = condition.message or condition.reason or condition.type
  elseif condition.type == "Created" and condition.status == "False" then
    found.NotCreated = condition.message or condition.reason or "not created"
  end
end
if found.Failed ~= nil then
  hs.status = "Degraded"
  hs.message = found.Failed
elseif found.Complete ~= nil then
  hs.status = "Healthy"
  hs.message = found.Complete
elseif found.Suspended ~= nil then
  hs.status = "Suspended"
  hs.message = found.Suspended
elseif found.NotCreated ~= nil then
  hs.status = "Degraded"
  hs.message = found.NotCreated
end
return hs
