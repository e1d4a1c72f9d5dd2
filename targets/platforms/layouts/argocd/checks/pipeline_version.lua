-- KFP's PipelineVersion: there is nothing to wait for, unless its controller says that it is wrong.
local hs = {status = "Healthy", message = "stored"}
if obj.status == nil or obj.status.conditions == nil then
  return hs
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.status == "False" then
    hs.status = "Degraded"
    hs.message = condition.message or condition.reason or condition.type
    return hs
  end
end
return hs
