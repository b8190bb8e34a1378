# Installs the command `flybrowser` for this user and registers it with their browsers (Windows 10 and newer, x64).
#   powershell -ExecutionPolicy Bypass -File install.ps1 [-NoRegister]
# FLYBROWSER_DOWNLOADS: address or folder of the release; FLYBROWSER_BIN: folder of the command.
param([switch]$NoRegister)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # its bar makes a download many times slower

$version = '@VERSION@'
$downloads = if ($env:FLYBROWSER_DOWNLOADS) { $env:FLYBROWSER_DOWNLOADS } else { '@DOWNLOADS@' }
$bin = if ($env:FLYBROWSER_BIN) { $env:FLYBROWSER_BIN } else { Join-Path $env:LOCALAPPDATA 'flybrowser-stream\bin' }
if (-not $downloads) { throw 'Set FLYBROWSER_DOWNLOADS to the address of the release.' }

$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory -Path $work | Out-Null
try {
  function Get-File([string]$name) {
    $to = Join-Path $work $name
    if ($downloads -match '^https?://') { Invoke-WebRequest -UseBasicParsing -Uri "$downloads/$name" -OutFile $to }
    else { Copy-Item (Join-Path $downloads $name) $to }
    return $to
  }

  $archive = "flybrowser-$version-win-x64.zip"
  Write-Host "Downloading $archive ..."
  $sums = Get-File 'SHA256SUMS'
  $file = Get-File $archive
  $line = Get-Content $sums | Where-Object { $_.EndsWith("  $archive") }
  $wanted = if ($line) { $line.Split(' ')[0] } else { 'not listed' }
  $got = (Get-FileHash -Algorithm SHA256 $file).Hash.ToLower()
  if ($got -ne $wanted) { throw "$archive is damaged: its checksum is $got, not $wanted. Nothing was installed." }

  Expand-Archive -Path $file -DestinationPath (Join-Path $work 'unpacked')
  New-Item -ItemType Directory -Force -Path $bin | Out-Null
  Copy-Item -Force (Join-Path $work 'unpacked\flybrowser.exe') (Join-Path $bin 'flybrowser.exe')
  Write-Host "Installed $bin\flybrowser.exe, version $version"

  $path = [Environment]::GetEnvironmentVariable('Path', 'User')
  if (($path -split ';') -notcontains $bin) {
    [Environment]::SetEnvironmentVariable('Path', "$path;$bin", 'User')
    Write-Host "$bin was added to your PATH; open a new window to use it."
  }
  if (-not $NoRegister) {
    & (Join-Path $bin 'flybrowser.exe') install
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
  }
}
finally {
  Remove-Item -Recurse -Force $work
}
