using ServerlessSync.Simulation;

return Commands.Run(args);
