/**
 * One file per process, named by its system property, at most 40 MB each, so that a stack that runs for weeks does not fill
 * the disk.
 */
export function log4jConf(): string {
  return `monitorInterval = 30
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = RollingFile
appender.file.fileName = \${sys:pipectl.log}
appender.file.filePattern = \${sys:pipectl.log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} - %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
# Continuous silver looks at bronze each second, and says so twice.
logger.looks.name = org.apache.iceberg.flink.source.enumerator
logger.looks.level = WARN
# A stream that compacts its tables says at each checkpoint that it is not time yet, and that a gauge has its name already.
logger.triggers.name = org.apache.iceberg.flink.maintenance.operator.TriggerManagerOperator
logger.triggers.level = WARN
logger.gauges.name = org.apache.flink.metrics.MetricGroup
logger.gauges.level = ERROR
`;
}
